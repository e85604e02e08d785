import { type Read, type Write } from '../../checker/index.ts';
import {
  call,
  type CallOutcome,
  Errno,
  guestEptViolation,
  hostEptViolation,
  invalidateRange,
} from '../../model/pkvm/index.ts';
import { done, type Entry, perform } from './perform.ts';
import { isPinned } from './pins.ts';
import { HOST, stateOf, tablesOf, type VmSlots, type World } from './world.ts';
import { rangesOf, type Span, spanAt } from './span.ts';

/** Calls that the host makes for pages of VMs that run, and its own EPT violations. */
export function hostEntries(world: World, cpu: number): Entry[] {
  return [
    ...world.vmSlots.flatMap(vm => [
      ...(vm.kind === 'protected' ? undonations(world, cpu, vm) : []),
      ...invalidations(world, cpu, vm),
    ]),
    ...[...world.pages.slice(0, 1), ...world.mmio].map(hpa => violation(world, cpu, hpa)),
  ];
}

/** "And this page can also be returned back to host directly": seed 004. */
function undonations(world: World, cpu: number, vm: VmSlots): Entry[] {
  return rangesOf(world).flatMap(({ gpa, size, ...span }) =>
    span.hpas.map(hpa => ({
      name: 'host_undonate_guest',
      cpu,
      by: HOST,
      args: { vm: vm.id, gpa, hpa, size },
      run: (read, write) => {
        if (stateOf(world, read, vm) === 'absent') return done(Errno.EINVAL);
        const args = { vm: vm.id, gpa, hpa, size: span.bytes };
        const outcome = call(tablesOf(world, read), 'host_undonate_guest', args, world.rules);
        return perform(world, read, write, outcome, { cpu, operation: 'host_undonate_guest' });
      },
    })),
  );
}

function invalidations(world: World, cpu: number, vm: VmSlots): Entry[] {
  return rangesOf(world).map(range => ({
    name: 'invalidate_range',
    cpu,
    by: HOST,
    args: { vm: vm.id, gpa: range.gpa, size: range.size },
    run: (read, write) => {
      if (stateOf(world, read, vm) === 'absent') return done(Errno.EINVAL);
      // a large leaf is dropped whole, even for a part of it: facts/pkvm.md 1.1, "unmap_nosplit"
      const { bytes, gpa } = spanAt(world, read, vm.id, range);
      const target = { vm: vm.id, gpa, size: bytes };
      const outcome = invalidateRange(tablesOf(world, read), target, world.rules);
      return perform(world, read, write, outcome, { cpu, operation: 'invalidate_range' });
    },
  }));
}

function violation(world: World, cpu: number, hpa: bigint): Entry {
  return {
    name: 'host_ept_violation',
    cpu,
    by: HOST,
    args: { hpa },
    run: (read, write) => {
      const where = { hpa, iommu: world.iommu };
      const outcome = hostEptViolation(tablesOf(world, read), where, world.rules);
      return perform(world, read, write, outcome, { cpu, operation: 'host_ept_violation' });
    },
  };
}

/** The host gives or lends the pages from `hpa` on to a guest at `gpa`, by the guest's kind. Pinned pages stay. */
export function mapForGuest(
  world: World,
  read: Read,
  vm: VmSlots,
  span: Span & { readonly gpa: bigint; readonly hpa: bigint },
): CallOutcome {
  const { gpa, hpa, bytes } = span;
  const tables = tablesOf(world, read);
  const outcome = guestEptViolation(tables, { vm: vm.id, gpa, hpa, size: bytes }, world.rules);
  const isDonation = vm.kind === 'protected' && outcome.writes.length > 0;
  return isDonation && isPinned(world, read, hpa, 'donation')
    ? { ...outcome, result: Errno.EPERM, rule: 'dma.pinned', writes: [], wipes: [] }
    : outcome;
}

/** A guest faults, on whichever CPU runs it, and the host offers a page. */
export function guestViolations(world: World, cpu: number, vm: VmSlots): Entry[] {
  return rangesOf(world).flatMap(range =>
    range.hpas.map(hpa => ({
      name: 'guest_ept_violation',
      cpu,
      by: vm.id,
      args: { vm: vm.id, gpa: range.gpa, hpa, size: range.size },
      run: (read: Read, write: Write) => {
        const outcome = mapForGuest(world, read, vm, { ...range, hpa });
        return perform(world, read, write, outcome, { cpu, operation: 'guest_ept_violation' });
      },
    })),
  );
}
