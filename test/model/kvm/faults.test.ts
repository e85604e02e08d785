import { describe, expect, test } from 'vitest';
import {
  FULL_VECTOR,
  KvmSpte,
  type PageLife,
  pageLife,
  revision,
  shadowLeaf,
  spptEntryAddress,
  store,
  trackAccess,
  vectorDenying,
} from '../../../model/kvm/index.ts';
import { SppVector, SpptEntry } from '../../../model/ept/spp/index.ts';
import { smallVm, type SmallVm } from './one-page-vm.ts';

const page = 0x1ffn;
const lifeOf = (vm: SmallVm, gfn = page): PageLife => pageLife(vm.kvm, vm.state, gfn);

/** Executes an access until it is done or user space hears of it, and tells each step. */
function run(vm: SmallVm, subPage: number, gfn = page): readonly (string | number | undefined)[] {
  const access = vm.access(gfn, subPage);
  const story: (string | number | undefined)[] = [];
  for (let exits = 0; exits < 5; exits++) {
    const executed = vm.execute(access);
    story.push(executed);
    if (!executed.startsWith('exit')) break;
    story.push(vm.handle());
    if (vm.state.get(vm.vcpu.phase).startsWith('in user space')) break;
  }
  return story;
}

function protectedVm(options: Parameters<typeof smallVm>[0] = {}): SmallVm {
  const vm = smallVm(options);
  vm.enable();
  vm.set(page, vectorDenying([3]));
  return vm;
}

describe('lazy arming', () => {
  test('a permitted write takes two VM exits the first time and none the second', () => {
    const vm = protectedVm();
    expect(lifeOf(vm)).toBe('lazy pending');
    expect(run(vm, 4)).toEqual([
      'exit: EPT violation',
      'mapped 4K',
      'exit: SPP miss',
      'rebuilt',
      'written',
    ]);
    expect(lifeOf(vm)).toBe('armed');
    expect(run(vm, 5)).toEqual(['written']);
  });

  test('a denied write takes three, and leaves for user space with its address', () => {
    const vm = protectedVm();
    expect(run(vm, 3)).toHaveLength(6);
    expect(vm.state.get(vm.vcpu.exitReason)).toBe(29);
    expect(vm.state.get(vm.vcpu.sppAddress)).toBe(0x1ff180n);
  });

  test('setting a page invalidates its region: the neighbour misses once, and keeps its own vector', () => {
    const vm = smallVm({ gfns: [0x1fen, page] });
    vm.enable();
    vm.set(0x1fen, vectorDenying([0]), vectorDenying([3]));
    run(vm, 4);
    run(vm, 4, 0x1fen);
    vm.set(page, vectorDenying([7]));
    expect(lifeOf(vm, 0x1fen)).toBe('marked-miss');
    expect(run(vm, 4, 0x1fen)).toEqual(['exit: SPP miss', 'rebuilt', 'written']);
    expect(run(vm, 0, 0x1fen).at(-1)).toBe('KVM_EXIT 29');
  });

  test('v6 rebuilt the faulting page only: the neighbour is denied what its vector permits', () => {
    const vm = smallVm({ gfns: [0x1fen, page], revision: revision('v6') });
    vm.enable();
    vm.set(0x1fen, vectorDenying([0]), vectorDenying([3]));
    run(vm, 4);
    run(vm, 4, 0x1fen);
    expect(lifeOf(vm, 0x1fen)).toBe('stale');
  });
});

describe('large pages', () => {
  test('an unprotected region is mapped large, and a protected page in it splits the mapping', () => {
    const vm = smallVm({ gfns: [0x1fen, page], largeBacking: true });
    vm.enable();
    expect(run(vm, 0)).toEqual(['exit: EPT violation', 'mapped 2M', 'written']);
    expect(run(vm, 0, 0x1fen)).toEqual(['written']);
    vm.set(page, 0);
    expect(run(vm, 0, 0x1fen)).toEqual(['exit: EPT violation', 'mapped 4K', 'written']);
    vm.set(page, FULL_VECTOR);
    vm.set(0x1fen, FULL_VECTOR);
    expect(run(vm, 0)).toEqual(['exit: EPT violation', 'mapped 2M', 'written']);
  });
});

describe('access tracking', () => {
  test('puts bit 61 aside, and the next write gives bit 61 back, not W', () => {
    const vm = protectedVm();
    run(vm, 4);
    expect(trackAccess(vm.kvm, vm.state, page)).toBe(true);
    expect(lifeOf(vm)).toBe('saved');
    expect(run(vm, 4)).toEqual(['exit: EPT violation', 'restored', 'written']);
    const { write, subPageWrite } = KvmSpte.decode(shadowLeaf(vm.kvm, vm.state, page)?.spte ?? 0n);
    expect([write, subPageWrite]).toEqual([false, true]);
  });

  test('a denied write of a tracked page is still denied, after one more VM exit', () => {
    const vm = protectedVm();
    run(vm, 4);
    trackAccess(vm.kvm, vm.state, page);
    expect(run(vm, 3)).toEqual(['exit: EPT violation', 'restored', 'exit: EPT violation', 'KVM_EXIT 29']);
  });
});

describe('a misconfigured SPPT', () => {
  test('an odd bit of the vector, or a reserved bit of an L2E, is told to user space as KVM_EXIT_UNKNOWN', () => {
    const words = [
      [1, SppVector.mask('_1')],
      [2, SpptEntry.mask('_63_52') + SpptEntry.encode({ valid: true })],
    ] as const;
    for (const [level, word] of words) {
      const vm = protectedVm();
      run(vm, 4);
      store(vm.kvm.vm, vm.state, spptEntryAddress(0n, level, page), word);
      expect(run(vm, 4), `level ${level}`).toEqual(['exit: SPP misconfiguration', 'KVM_EXIT 0']);
    }
  });
});
