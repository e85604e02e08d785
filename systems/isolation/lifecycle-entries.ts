import type { Read, Write } from '../../checker/index.ts';
import { call, Errno, PAGE_SIZE, teardownRange, viewOf } from '../../model/pkvm/index.ts';
import { endPrepopulation } from './guest-entries.ts';
import { mapForGuest } from './host-entries.ts';
import { type Entry, perform } from './perform.ts';
import { isPinned } from './pins.ts';
import { rangesOf } from './span.ts';
import { fill, HOST, stateOf, tablesOf, type VmSlots, type World } from './world.ts';

/** How the life of a VM may differ from the specification. facts/pkvm.md 5 and 1.1, "Callers". */
export const lifecycleFaults = {
  prepopulation_not_flushed: 'what the fast path of pre-population left in TLBs and IOTLB is never flushed',
  prepopulation_forgets_iotlb: 'after pre-population the TLBs are flushed, but not the IOTLB',
  prepopulate_started: 'the fast path, which does not flush, may be used on a VM that runs already',
  dying_vm_runs: 'a VM that is being torn down can still be run',
  teardown_while_running: 'a VM can be torn down while a CPU runs it',
  finish_with_normal_pages: 'the teardown of a normal VM is finished although pages are left in the table',
  finish_with_pages: 'the teardown is finished although pages are left in the table',
  structures_not_wiped: "a VM's structures are given back with what they hold",
  structures_not_returned: "a VM's structures are not given back",
} as const;

/** The life of a VM: created with a page for its structures, pre-populated, run, torn down page by page, gone. */
export function lifecycleEntries(world: World, cpu: number, vm: VmSlots): Entry[] {
  const host = { cpu, by: HOST };
  const { id } = vm;
  return [
    ...world.pages.map(hpa => ({
      ...host,
      name: 'init_shadow_vm',
      args: { vm: id, hpa },
      run: (read: Read, write: Write) => create(world, cpu, vm, hpa, read, write),
    })),
    ...(vm.kind === 'protected' ? prepopulations(world, cpu, vm) : []),
    {
      ...host,
      name: 'teardown_shadow_vm',
      args: { vm: id },
      run: (read, write) => teardown(world, vm, read, write),
    },
    ...rangesOf(world).map(range => ({
      ...host,
      name: 'teardown_guest_page',
      args: { vm: id, gpa: range.gpa },
      run: (read: Read, write: Write) => {
        if (stateOf(world, read, vm) !== 'dying') return Errno.EINVAL;
        const target = { vm: id, gpa: range.gpa, size: range.bytes };
        const outcome = teardownRange(tablesOf(world, read), target, world.deviations);
        return perform(world, read, write, outcome, { cpu, operation: 'teardown_guest_page' });
      },
    })),
    {
      ...host,
      name: 'finish_teardown',
      args: { vm: id },
      run: (read, write) => finish(world, cpu, vm, read, write),
    },
  ];
}

/** The host gives the page that the structures will lie in; the hypervisor clears it and makes it its own. */
function create(world: World, cpu: number, vm: VmSlots, hpa: bigint, read: Read, write: Write): number {
  if (read(vm.state) !== 'absent') return Errno.EINVAL;
  if (isPinned(world, read, hpa, 'donate_ignores_pin')) return Errno.EPERM;
  const outcome = call(
    tablesOf(world, read),
    'host_donate_hyp',
    { hpa, size: PAGE_SIZE },
    world.deviations,
  );
  perform(world, read, write, outcome, { cpu, operation: 'init_shadow_vm' });
  if (outcome.result !== 0) return outcome.result;
  fill(world, write, hpa, 'hyp');
  write(vm.structures, hpa);
  write(vm.state, 'created');
  return 0;
}

/** `__pkvm_host_donate_guest_fastpath`: donation before the first run, flushed once by the first run. */
function prepopulations(world: World, cpu: number, vm: VmSlots): Entry[] {
  return rangesOf(world).flatMap(range =>
    range.hpas.map(hpa => ({
      name: 'prepopulate',
      cpu,
      by: HOST,
      args: { vm: vm.id, gpa: range.gpa, hpa },
      run: (read: Read, write: Write) => {
        const state = stateOf(world, read, vm);
        const isLate = state === 'started' && world.deviations.has('prepopulate_started');
        if (state !== 'created' && !isLate) return Errno.EINVAL;
        const { result, writes } = mapForGuest(world, read, vm, { ...range, hpa });
        world.words.apply(read, write, writes);
        return result;
      },
    })),
  );
}

function teardown(world: World, vm: VmSlots, read: Read, write: Write): number {
  const state = read(vm.state);
  if (state !== 'created' && state !== 'started') return Errno.EINVAL;
  const mayRun = world.deviations.has('teardown_while_running');
  if (!mayRun && world.running.some(slot => read(slot) === vm.id)) return Errno.EPERM;
  if (state === 'created') endPrepopulation(world, read, write, vm);
  write(vm.state, 'dying');
  return 0;
}

/** The last step: the table is empty, the structures are cleared and given back. */
function finish(world: World, cpu: number, vm: VmSlots, read: Read, write: Write): number {
  if (read(vm.state) !== 'dying') return Errno.EINVAL;
  const isMapped = (gpa: bigint): boolean => viewOf(world.words.leaf(read, vm.id, gpa)).isPresent;
  const isLax =
    world.deviations.has('finish_with_pages') ||
    (vm.kind === 'normal' && world.deviations.has('finish_with_normal_pages'));
  if (!isLax && world.gpas.some(isMapped)) return Errno.EPERM;
  const hpa = read(vm.structures);
  write(vm.state, 'absent');
  write(vm.structures, 0n);
  if (world.deviations.has('structures_not_returned')) return 0;
  const outcome = call(
    tablesOf(world, read),
    'hyp_donate_host',
    { hpa, size: PAGE_SIZE },
    world.deviations,
  );
  perform(world, read, write, outcome, { cpu, operation: 'finish_teardown' });
  if (!world.deviations.has('structures_not_wiped')) fill(world, write, hpa, 'zero');
  return outcome.result;
}
