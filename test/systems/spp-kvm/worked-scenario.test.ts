import { expect, test } from 'vitest';
import {
  encodeSubpageArgument,
  FULL_VECTOR,
  getAccess,
  pageLife,
  permitsWrite,
  revision,
  runAgain,
  type SetRequest,
  userBuffer,
  vectorDenying,
} from '../../../model/kvm/index.ts';
import { smallVm, type SmallVm } from '../../model/kvm/one-page-vm.ts';

/**
 * Seed 003's example: "a server which launching in the host user-space, and a client launching in the guest kernel".
 * The guest asks for a protected area; the daemon sets it; "all the write access in a guest specific area will be
 * blocked".
 */
const page = 0x1ffn;
/** What the guest sends over the socket: the guest-physical address and the length of the area. */
const area = { from: 0x1ff080n, bytes: 256 };

/** The daemon: the sub-pages that an area touches, as the vector of its page. */
const vectorOf = ({ from, bytes }: typeof area): number => {
  const offset = Number(from % 4096n);
  const [first, last] = [Math.floor(offset / 128), Math.floor((offset + bytes - 1) / 128)];
  return vectorDenying(Array.from({ length: last - first + 1 }, (_, i) => first + i));
};

/** The daemon's ioctl, with the bytes that it passes to the kernel. */
function subpagesSetAccess(vm: SmallVm, request: SetRequest): number | string {
  const buffer = encodeSubpageArgument(vm.kvm.revision, { ...request, flags: 0 });
  const copied = vm.kvm.steps.copyArgument(
    vm.kvm.revision,
    { active: vm.state.get(vm.kvm.vm.active), memoryAvailable: true },
    userBuffer(buffer),
  );
  if (!copied.ok) return copied.result;
  return vm.set(copied.argument.gfn, ...copied.argument.accessMap);
}

test('a guest asks for an area to be protected: inside it writes are blocked and told, outside they go through', () => {
  const vm = smallVm({});
  expect(vm.enable()).toBe(0);
  const vector = vectorOf(area);
  expect([0, 1, 2, 3].map(i => permitsWrite(vector, i))).toEqual([true, false, false, true]);
  expect(subpagesSetAccess(vm, { gfn: page, npages: 1, accessMap: [vector] })).toBe(1);
  expect(getAccess(vm.kvm, vm.state, { gfn: page, npages: 1 }).accessMap).toEqual([vector]);
  expect(pageLife(vm.kvm, vm.state, page)).toBe('lazy pending');

  // The first write inside arms the page on its way: an EPT violation, an SPP miss, and the denial.
  const inside = vm.access(page, 2);
  expect(vm.execute(inside)).toBe('exit: EPT violation');
  expect(vm.handle()).toBe('mapped 4K');
  expect(vm.execute(inside)).toBe('exit: SPP miss');
  expect(vm.handle()).toBe('rebuilt');
  expect(vm.execute(inside)).toBe('exit: EPT violation');
  expect(vm.handle()).toBe('KVM_EXIT 29');
  expect(vm.state.get(vm.vcpu.sppAddress)).toBe(0x1ff100n);
  expect(pageLife(vm.kvm, vm.state, page)).toBe('armed');

  // The daemon lets it be: unprotect, KVM_RUN, and the same instruction writes once.
  expect(subpagesSetAccess(vm, { gfn: page, npages: 1, accessMap: [FULL_VECTOR] })).toBe(1);
  runAgain(vm.kvm, vm.state, vm.vcpu);
  expect(vm.state.get(vm.vcpu.phase)).toBe('retry');
  expect(vm.state.get(vm.vcpu.access)).toBe(inside.name);
  expect(vm.execute(inside)).toBe('exit: EPT violation');
  expect(vm.handle()).toBe('mapped 4K');
  expect(vm.execute(inside)).toBe('written');
  expect(vm.state.get(vm.vcpu.access)).toBe('none');
});

test('a write outside the area goes through without an exit once the page is armed', () => {
  const vm = smallVm({});
  vm.enable();
  subpagesSetAccess(vm, { gfn: page, npages: 1, accessMap: [vectorOf(area)] });
  for (const subPage of [0, 3, 31]) {
    const outside = vm.access(page, subPage);
    let executed = vm.execute(outside);
    for (let exits = 0; executed !== 'written' && exits < 4; exits++) {
      expect(String(vm.handle())).not.toMatch('KVM_EXIT');
      executed = vm.execute(outside);
    }
    expect(executed).toBe('written');
  }
  expect(vm.execute(vm.access(page, 0))).toBe('written');
});

test('in 2017 the same write is lost: RIP has moved before the daemon could unprotect', () => {
  const vm = smallVm({ revision: revision('rfc-v1') });
  vm.enable();
  subpagesSetAccess(vm, { gfn: page, npages: 1, accessMap: [vectorOf(area)] });
  const inside = vm.access(page, 2);
  let handled: string | number | undefined;
  for (let exits = 0; handled !== 'KVM_EXIT 28' && exits < 4; exits++) {
    expect(vm.execute(inside)).toMatch('exit');
    handled = vm.handle();
  }
  expect(handled).toBe('KVM_EXIT 28');
  expect(vm.state.get(vm.vcpu.phase)).toBe('in user space, RIP moved');
  subpagesSetAccess(vm, { gfn: page, npages: 1, accessMap: [FULL_VECTOR] });
  runAgain(vm.kvm, vm.state, vm.vcpu);
  expect(vm.state.get(vm.vcpu.phase)).toBe('in guest');
  expect(vm.state.get(vm.vcpu.access)).toBe('none');
});
