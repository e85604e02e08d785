import type { Read, Write } from '../../checker/index.ts';
import { call, Errno, PAGE_SIZE, teardownRange } from '../../model/pkvm/index.ts';
import { endPrepopulation } from './guest-entries.ts';
import { mapForGuest } from './host-entries.ts';
import { type Done, done, type Entry, perform } from './perform.ts';
import { isPinned } from './pins.ts';
import { rangesOf } from './span.ts';
import { fill, hasPages, HOST, isRun, stateOf, tablesOf, type VmSlots, type World } from './world.ts';

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
        if (stateOf(world, read, vm) !== 'dying') return done(Errno.EINVAL);
        const target = { vm: id, gpa: range.gpa, size: range.bytes };
        const outcome = teardownRange(tablesOf(world, read), target, world.rules);
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
function create(world: World, cpu: number, vm: VmSlots, hpa: bigint, read: Read, write: Write): Done {
  if (read(vm.state) !== 'absent') return done(Errno.EINVAL);
  if (isPinned(world, read, hpa, 'donation')) return done(Errno.EPERM);
  const outcome = call(tablesOf(world, read), 'host_donate_hyp', { hpa, size: PAGE_SIZE }, world.rules);
  const made = perform(world, read, write, outcome, { cpu, operation: 'init_shadow_vm' });
  if (outcome.result !== 0) return made;
  fill(world, write, hpa, 'hyp');
  write(vm.structures, hpa);
  write(vm.state, 'created');
  return made;
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
        if (!world.rules.mayPrepopulate(stateOf(world, read, vm))) return done(Errno.EINVAL);
        const { result, why, writes } = mapForGuest(world, read, vm, { ...range, hpa });
        world.words.apply(read, write, writes);
        return done(result, why);
      },
    })),
  );
}

function teardown(world: World, vm: VmSlots, read: Read, write: Write): Done {
  const state = read(vm.state);
  if (state !== 'created' && state !== 'started') return done(Errno.EINVAL);
  if (!world.rules.mayTearDown(() => isRun(world, read, vm.id))) return done(Errno.EPERM);
  if (state === 'created') endPrepopulation(world, read, write, vm);
  write(vm.state, 'dying');
  return done(0);
}

/** The last step: the table is empty, the structures are cleared and given back. */
function finish(world: World, cpu: number, vm: VmSlots, read: Read, write: Write): Done {
  if (read(vm.state) !== 'dying') return done(Errno.EINVAL);
  if (!world.rules.mayFinish(vm.kind, () => hasPages(world, read, vm))) return done(Errno.EPERM);
  const hpa = read(vm.structures);
  write(vm.state, 'absent');
  write(vm.structures, 0n);
  if (!world.rules.returnsStructures) return done(0);
  const outcome = call(tablesOf(world, read), 'hyp_donate_host', { hpa, size: PAGE_SIZE }, world.rules);
  const made = perform(world, read, write, outcome, { cpu, operation: 'finish_teardown' });
  if (world.rules.wipesStructures) fill(world, write, hpa, 'zero');
  return made;
}
