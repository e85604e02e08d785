import { type Action, disabled, type Read, type Result, type Write } from '../../checker/index.ts';
import {
  BUG,
  countedCall,
  CountedLeaf,
  type CountedOutcome,
  leafValue,
  countedOperations,
} from '../../model/pkvm/counted/index.ts';
import { type SharingCall, shownArguments } from './calls.ts';
import { namedPages, remember } from './remember.ts';
import type { SharingRules } from './rules.ts';
import { slotMachine } from './slot-machine.ts';
import { CallWords } from './words.ts';
import type { CountedSlots, CountedVmSlots } from './world.ts';

/** What a call returns that returns nothing: done, or warned of and left alone. */
export const DONE = 'done';
export const REFUSED = 'refused';

/** A result as a transition has it. */
function resultOf({ result, rule }: CountedOutcome): Result {
  if (result !== null) return result;
  return rule === 'complete' ? DONE : REFUSED;
}

const actorOf = ({ name, vm }: SharingCall): string => {
  const { caller } = countedOperations[name];
  return caller === 'guest' ? `guest${vm}` : caller === 'hyp' ? 'hypervisor' : 'host';
};

/** Whether somebody makes the call in this state: the hypervisor's own code and that of devices know what they hold. */
function isMade(world: CountedSlots, rules: SharingRules, call: SharingCall, read: Read): boolean {
  if (!call.isWellFormed) return true;
  const pages = namedPages(world, call);
  switch (call.name) {
    case 'hyp_donate_host':
    case 'host_unshare_hyp':
      return pages.every(({ held }) => rules.mayAsk(call.name, read(held)));
    case 'host_use_dma':
      return pages.every(({ devices }) => read(devices) < world.size.devices);
    case 'host_unuse_dma':
      return pages.every(({ devices }) => read(devices) > 0);
    default:
      return true;
  }
}

function made(
  world: CountedSlots,
  rules: SharingRules,
  call: SharingCall,
  read: Read,
): [CountedOutcome, CallWords] {
  const words = new CallWords(read);
  const machine = slotMachine(world, words, call.tables === 'there');
  return [countedCall(machine, call.name, call, rules), words];
}

function callAction(world: CountedSlots, rules: SharingRules, call: SharingCall): Action {
  const run = (read: Read, write: Write): Result | typeof disabled => {
    if (read(world.gone) || !isMade(world, rules, call, read)) return disabled;
    if (call.name === 'host_unuse_dma' && !rules.unpinsUnmapped) {
      for (const { devices } of namedPages(world, call)) write(devices, read(devices) - 1);
      return DONE;
    }
    const [outcome, words] = made(world, rules, call, read);
    if (outcome.result === BUG) {
      write(world.gone, true); // what was half done is nobody's any more
      return BUG;
    }
    remember({ world, rules, call, outcome, before: read, words });
    words.commit(write);
    if (call.name === 'vm_teardown' && outcome.rule === 'complete') forgetVm(world, call, write);
    return resultOf(outcome);
  };
  return {
    name: call.name,
    actor: actorOf(call),
    args: shownArguments(call),
    run,
    explain: read => made(world, rules, call, read)[0].why,
  };
}

/** The next VM of that number begins anew. */
function forgetVm({ vms }: CountedSlots, call: SharingCall, write: Write): void {
  const vm = vms.find(({ id }) => id === call.vm);
  if (vm?.isProtected === true) write(vm.finalized, false);
}

/** A vCPU uses a page: the processor marks its leaf. */
const accessActions = ({ gone, vms }: CountedSlots): Action[] =>
  vms.flatMap(({ id, cells }) =>
    cells.map(({ start, leaf }) => ({
      name: 'guest_access',
      actor: `guest${id}`,
      args: { gpa: start },
      run: (read: Read, write: Write) => {
        if (read(gone) || !leafValue(read(leaf)).isPresent) return disabled;
        write(leaf, CountedLeaf.with(read(leaf), { accessed: true }));
        return 'ok';
      },
    })),
  );

/** A vCPU of a VM is loaded on a CPU, and put. */
const runningActions = (gone: CountedSlots['gone'], { id, running }: CountedVmSlots): Action[] =>
  ([true, false] as const).map(loads => ({
    name: loads ? 'vcpu_load' : 'vcpu_put',
    actor: 'host',
    args: { vm: id },
    run: (read, write) => {
      if (read(gone) || read(running) === loads) return disabled;
      write(running, loads);
      return 'ok';
    },
  }));

/** Every call as an action, and what processors and vCPUs do beside calls. */
export function sharingActions(
  world: CountedSlots,
  rules: SharingRules,
  calls: readonly SharingCall[],
): { readonly calls: ReadonlyMap<Action, SharingCall>; readonly others: readonly Action[] } {
  return {
    calls: new Map(calls.map(call => [callAction(world, rules, call), call])),
    others: [
      ...(world.size.accessed ? accessActions(world) : []),
      ...(world.size.running ? world.vms.flatMap(vm => runningActions(world.gone, vm)) : []),
    ],
  };
}
