import { disabled, each, type Read, type Slot, type Write } from '../../checker/index.ts';
import { call, type CallOutcome, Errno, viewOf } from '../../model/pkvm/index.ts';
import { declassify, type Done, done, type Entry, perform } from './perform.ts';
import { isPinned } from './pins.ts';
import { dropEverywhere } from './flush.ts';
import { rangesOf, type Span } from './span.ts';
import { HOST, stateOf, tablesOf, type VmSlots, type World } from './world.ts';

type GuestCall = 'guest_share_host' | 'guest_unshare_host';

/** Any page of the range that the guest wants back and the host still maps for DMA. */
function hasPinned(world: World, read: Read, vm: VmSlots, { gpa }: Span): boolean {
  const { isPresent, page } = viewOf(world.words.leaf(read, vm.id, gpa));
  return isPresent && isPinned(world, read, page, 'unshare');
}

function guestCall(world: World, read: Read, vm: VmSlots, name: GuestCall, span: Span): CallOutcome {
  const args = { vm: vm.id, gpa: span.gpa, size: span.bytes };
  const outcome = call(tablesOf(world, read), name, args, world.rules);
  const takesBack = name === 'guest_unshare_host' && outcome.writes.length > 0;
  return takesBack && hasPinned(world, read, vm, span)
    ? { ...outcome, result: Errno.EPERM, rule: 'dma.pinned', writes: [], wipes: [] }
    : outcome;
}

/** PKVM_GHC_SHARE_MEM and PKVM_GHC_UNSHARE_MEM: hypercalls of protected VMs. facts/pkvm.md 1.1, "Callers". */
export function guestEntries(world: World, cpu: number, vm: VmSlots): Entry[] {
  if (vm.kind !== 'protected') return [];
  return (['guest_share_host', 'guest_unshare_host'] as const).flatMap(name =>
    rangesOf(world).map(range => ({
      name,
      cpu,
      by: vm.id,
      args: { vm: vm.id, gpa: range.gpa, size: range.size },
      run: (read: Read, write: Write) => {
        const outcome = guestCall(world, read, vm, name, range);
        const result = perform(world, read, write, outcome, { cpu, operation: name });
        if (name === 'guest_share_host') declassify(world, read, write, outcome.writes);
        return result;
      },
    })),
  );
}

/** A CPU starts to run a guest, or the guest exits to the host. */
export function runEntries(world: World, cpu: number, vm: VmSlots): Entry[] {
  const slot = world.running[cpu];
  const enter = (read: Read, write: Write): Done => {
    const state = stateOf(world, read, vm);
    if (!world.rules.mayRun(state)) return done(Errno.EINVAL);
    if (state === 'created') {
      write(vm.state, 'started');
      endPrepopulation(world, read, write, vm);
    }
    if (slot !== undefined) write(slot, vm.id);
    return done(0);
  };
  const exit = (_: Read, write: Write): Done | typeof disabled => {
    if (slot === undefined) return disabled;
    write(slot, HOST);
    return done(0);
  };
  return [
    { name: 'vcpu_run', cpu, by: HOST, args: { vm: vm.id }, run: enter },
    { name: 'vcpu_exit', cpu, by: vm.id, args: { vm: vm.id }, run: exit },
  ];
}

/**
 * The first run of a VM ends its pre-population, and so does its teardown: what the fast path left in the host's TLBs
 * and in the IOTLB is flushed now, before the guest can put anything into its pages. facts/pkvm.md 4, I8.
 */
export function endPrepopulation(world: World, read: Read, write: Write, vm: VmSlots): void {
  if (!world.rules.flushesPrepopulated) return;
  const { cpus, contents, rules, size, words } = world;
  each(
    read,
    [...contents],
    ([, slot]) => slot as Slot,
    ([page]) => {
      const { isPresent, ownerId } = viewOf(words.leaf(read, 'host', page));
      if (isPresent || ownerId !== vm.id) return;
      dropEverywhere(world, read, write, { cpus, table: 'host', address: page });
      if (size.dma === 'host-ept' && rules.flushesPrepopulatedIotlb)
        world.caches.drop(write, 'iommu', 'host', page);
    },
  );
}
