import { some, type Step, type Twin } from '../../checker/index.ts';
import { arrowOf } from '../../machines/arrow.ts';
import { type LifeEvent, vmLifecycle } from '../../machines/vm-lifecycle.ts';
import { Errno, errnoName, PageState, viewOf } from '../../model/pkvm/index.ts';
import { pageDisagreement } from './page-twin.ts';
import { hasPages, isRun, stateOf, type VmSlots, type World } from './world.ts';

const arrow = arrowOf(vmLifecycle);

/** Calls that are about the life of a VM and about no page's words. */
const lifeOnly: ReadonlySet<string> = new Set(['vcpu_run', 'vcpu_exit', 'teardown_shadow_vm']);

/** The call as an event of the VM's life, with what its guards ask. `undefined` where it is none. */
function lifeEvent(
  world: World,
  vm: VmSlots,
  { action: { name, args }, before }: Step,
): LifeEvent | undefined {
  switch (name) {
    case 'init_shadow_vm': {
      const page = typeof args.hpa === 'bigint' ? args.hpa : 0n;
      const pin = world.pins.get(page);
      const isPinned = pin !== undefined && before(pin);
      const { pageState } = viewOf(world.words.leaf(before, 'host', page));
      return { type: name, ownsPage: pageState === PageState.PKVM_PAGE_OWNED && !isPinned };
    }
    case 'teardown_shadow_vm':
      return { type: name, isRunning: isRun(world, before, vm.id) };
    case 'finish_teardown':
      return { type: name, tableIsEmpty: !hasPages(world, before, vm) };
    case 'vcpu_run':
    case 'vcpu_exit':
    case 'prepopulate':
    case 'teardown_guest_page':
      return { type: name };
    default:
      return undefined;
  }
}

/** How the machine of a VM's life sees the step: refused, or the state that it goes to. */
function lifeDisagreement(
  world: World,
  vm: VmSlots,
  step: Step,
): { readonly refuses?: Errno; readonly why?: string } {
  const event = lifeEvent(world, vm, step);
  const value = stateOf(world, step.before, vm);
  const reached = stateOf(world, step.after, vm);
  // operations on a table need the table: only a VM that exists has one
  if (event === undefined) return value === 'absent' ? { refuses: Errno.EINVAL } : {};
  const taken = arrow({ value, context: {} }, event);
  if ('refused' in taken) {
    // no such arrow from here: the call makes no sense now; an arrow whose guard says no: not permitted
    const refuses = taken.refused === 'by guard' ? Errno.EPERM : Errno.EINVAL;
    if (step.result === refuses) return { refuses };
    const did = errnoName(Number(step.result));
    return {
      refuses,
      why: `the life of VM ${vm.id}, ${value}, returns ${errnoName(refuses)}, the bits ${did}`,
    };
  }
  if (step.result !== 0) return {};
  const wanted = taken.to.value;
  return wanted === reached
    ? {}
    : { why: `the life of VM ${vm.id} goes to ${wanted}, the bits to ${reached}` };
}

/** Holds every call against seed 004's picture and against the life of a VM. Accesses are no calls. */
export function isolationTwin(world: World, isCall: (name: string) => boolean): Twin {
  const pins = [...world.pins.values()];
  const isPinned = (pinned: boolean): boolean => pinned;
  const anyPinned = ({ before }: Step): boolean => some(before, pins, isPinned);
  return {
    name: 'page-ownership and vm-lifecycle',
    disagrees: step => {
      const { name, args } = step.action;
      if (!isCall(name)) return undefined;
      const vm = world.vmSlots.find(({ id }) => id === args.vm);
      const life: ReturnType<typeof lifeDisagreement> =
        vm === undefined ? {} : lifeDisagreement(world, vm, step);
      if (life.why !== undefined) return life.why;
      if (life.refuses !== undefined || lifeOnly.has(name)) {
        const wanted = life.refuses ?? 0;
        return step.result === wanted
          ? undefined
          : `the protocol returns ${errnoName(wanted)}, the bits ${errnoName(Number(step.result))}`;
      }
      const isDma = name === 'host_use_dma' || name === 'host_unuse_dma';
      return isDma
        ? undefined
        : pageDisagreement(world, step, name === 'host_ept_violation' || anyPinned(step));
    },
  };
}
