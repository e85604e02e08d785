import { describe, expect, test } from 'vitest';
import {
  addMemslot,
  copySubpageArgument,
  deleteMemslot,
  enable,
  encodeSubpageArgument,
  errnoText,
  failure,
  freeRoots,
  FULL_VECTOR,
  getAccess,
  revision,
  shadowLeaf,
  spptRoots,
  userBuffer,
} from '../../../model/kvm/index.ts';
import { smallVm } from './one-page-vm.ts';

const ready = { hardware: true, nested: false, memoryAvailable: true };

describe('enabling SPP', () => {
  const errors = [
    ['a nested guest is possible', { ...ready, nested: true }, '-EPERM'],
    ['the processor has no SPP', { ...ready, hardware: false }, '-ENODEV'],
    ['there is no memory for the root page', { ...ready, memoryAvailable: false }, '-ENOMEM'],
  ] as const;
  for (const [why, conditions, expected] of errors) {
    test(`is ${expected} where ${why}, and SPP stays off`, () => {
      const { kvm, state } = smallVm({});
      expect(errnoText(enable(kvm, state, conditions))).toBe(expected);
      expect(state.get(kvm.vm.active)).toBe(false);
      expect(state.get(kvm.vm.spptRoot)).toBe(0n);
    });
  }

  test('gives every page the full vector, allocates a root and asks each vCPU to load it', () => {
    const { kvm, state, vcpu } = smallVm({});
    expect(enable(kvm, state, ready)).toBe(0);
    expect(getAccess(kvm, state, { gfn: 0x1ffn, npages: 1 })).toEqual({
      result: 1,
      accessMap: [FULL_VECTOR],
    });
    expect(state.get(kvm.vm.spptRoot)).toBe(spptRoots.A);
    expect(state.get(vcpu.loadRequest)).toBe(true);
  });

  test('twice is no error, and changes no vector', () => {
    const vm = smallVm({});
    vm.enable();
    vm.set(0x1ffn, 7);
    expect(vm.enable()).toBe(0);
    expect(getAccess(vm.kvm, vm.state, { gfn: 0x1ffn, npages: 1 }).accessMap).toEqual([7]);
  });
});

describe('GET and SET', () => {
  test('a page without a memslot is -EFAULT, and so is a range that ends in a hole', () => {
    const vm = smallVm({ gfns: [0x1fen, 0x1ffn] });
    vm.enable();
    expect(errnoText(getAccess(vm.kvm, vm.state, { gfn: 0x400n, npages: 1 }).result)).toBe('-EFAULT');
    expect(errnoText(getAccess(vm.kvm, vm.state, { gfn: 0x1ffn, npages: 2 }).result)).toBe('-EFAULT');
    expect(errnoText(Number(vm.set(0x1ffn, 0, 0)))).toBe('-EFAULT');
    expect(getAccess(vm.kvm, vm.state, { gfn: 0x1ffn, npages: 1 }).accessMap).toEqual([FULL_VECTOR]);
  });

  test('a memslot that was added after SPP was enabled has no vectors: -EFAULT', () => {
    const vm = smallVm({});
    vm.enable();
    const [slot] = vm.kvm.vm.memslots;
    if (slot === undefined) throw new Error('there is one memslot');
    deleteMemslot(vm.kvm, vm.state, slot);
    expect(errnoText(Number(vm.set(0x1ffn, 0)))).toBe('-EFAULT');
    addMemslot(vm.kvm, vm.state, slot);
    expect(errnoText(Number(vm.set(0x1ffn, 0)))).toBe('-EFAULT');
    expect(vm.execute(vm.access(0x1ffn, 3))).toBe('exit: EPT violation');
    expect(vm.handle()).toBe('mapped 4K');
    expect(vm.execute(vm.access(0x1ffn, 3))).toBe('written');
  });

  test('without an SPPT root SET is -EFAULT', () => {
    const vm = smallVm({});
    vm.enable();
    vm.state.set(vm.kvm.vm.spptRoot, 0n);
    expect(errnoText(Number(vm.set(0x1ffn, 0)))).toBe('-EFAULT');
  });

  test('v11 has SPP off again once its roots were freed: every call is -ENODEV', () => {
    const vm = smallVm({ revision: revision('v11') });
    vm.enable();
    freeRoots(vm.kvm, vm.state, vm.vcpu);
    const active = vm.state.get(vm.kvm.vm.active);
    const buffer = encodeSubpageArgument(vm.kvm.revision, {
      gfn: 0x1ffn,
      npages: 1,
      flags: 0,
      accessMap: [0],
    });
    const copied = copySubpageArgument(
      vm.kvm.revision,
      { active, memoryAvailable: true },
      userBuffer(buffer),
    );
    expect(copied).toEqual({ ok: false, result: failure('ENODEV') });
  });

  test('return the number of pages, across a 2-MByte boundary too', () => {
    const vm = smallVm({ gfns: [0x1fen, 0x1ffn, 0x200n, 0x201n] });
    vm.enable();
    expect(vm.set(0x1fen, 1, 2, 3, 4)).toBe(4);
    expect(getAccess(vm.kvm, vm.state, { gfn: 0x1ffn, npages: 2 })).toEqual({
      result: 2,
      accessMap: [2, 3],
    });
  });

  test('v3 and v4 refuse a page that a large leaf maps ("disable huge page"); v5 on split it', () => {
    for (const [name, expected] of [
      ['v4', '-EFAULT'],
      ['v7', '1'],
      ['v12', '1'],
    ] as const) {
      const vm = smallVm({ largeBacking: true, revision: revision(name) });
      vm.execute(vm.access(0x1ffn, 0));
      expect(vm.handle()).toBe('mapped 2M');
      vm.enable();
      expect(errnoText(Number(vm.set(0x1ffn, 0))), name).toBe(expected);
      const isLarge = shadowLeaf(vm.kvm, vm.state, 0x1ffn)?.size === '2M';
      expect(isLarge, name).toBe(name === 'v4');
    }
  });
});
