import type { Action, Read, Slot, Step, Twin } from '../../checker/index.ts';
import { arrowOf } from '../../machines/arrow.ts';
import { type PageEvent, pageOwnership } from '../../machines/page-ownership.ts';
import { Errno, errnoName, isGuestId, operations, PAGE_SIZE, viewOf } from '../../model/pkvm/index.ts';
import {
  abstractPage,
  boxAtBest,
  boxesElsewhere,
  gpaNumber,
  type PageBox,
  showBox,
  type Subject,
} from '../pages/page-box.ts';
import type { OwnershipCall } from './actions.ts';
import type { OwnershipWorld } from './slots.ts';

/** What the protocol does with a call: its result, and where each page of the range goes. */
interface Prediction {
  readonly result: number;
  readonly pages: readonly { readonly subject: Subject; readonly next: PageBox }[];
}

const refusal = (result: Errno): Prediction => ({ result, pages: [] });

/** A call whose arguments make sense at all: asked here anew, not of the model's own checks. */
function isWellFormed(
  { name, size, hpa, gpa, vm, prot }: OwnershipCall,
  { pages, vms }: OwnershipWorld,
): boolean {
  const starts = [hpa, gpa].filter(start => start !== undefined);
  const isAligned = [...starts, size].every(value => value % PAGE_SIZE === 0n);
  const fits = starts.every(start => start + size <= 1n << 64n);
  const isVm = operations[name].names === 'hpa' || (isGuestId(vm ?? 0) && vms.some(({ id }) => id === vm));
  const isRam = !operations[name].ramOnly || hpa === undefined || pages.includes(hpa);
  const isGrant = prot === undefined || prot.read;
  return size > 0n && isAligned && fits && isVm && isRam && isGrant;
}

const ask = arrowOf(pageOwnership);
/** Where the machine goes; `undefined` where no arrow takes the event. */
function arrow(state: PageBox, event: PageEvent): PageBox | undefined {
  const taken = ask(state, event);
  return 'to' in taken ? taken.to : undefined;
}

/** Holds every distinct step of the bits against the machine of seed 004's picture. */
export function ownershipTwin(world: OwnershipWorld, calls: ReadonlyMap<Action, OwnershipCall>): Twin {
  const hostSlots = new Map(world.host.map(({ page, slot }) => [page, slot]));
  const guestSlots = new Map(world.guest.map(({ vm, gpa, slot }) => [`${vm} ${gpa}`, slot]));

  const subjectsOf = (made: OwnershipCall, read: Read): (Subject | undefined)[] => {
    const count = Number(made.size / PAGE_SIZE);
    return Array.from({ length: count }, (_, at) => {
      const offset = BigInt(at) * PAGE_SIZE;
      const hpa = made.hpa === undefined ? undefined : made.hpa + offset;
      if (made.gpa === undefined || made.vm === undefined) {
        return hpa === undefined ? undefined : { page: hpa, host: hostSlots.get(hpa) };
      }
      const gpa = made.gpa + offset;
      const guest = { vm: made.vm, gpa, slot: guestSlots.get(`${made.vm} ${gpa}`) };
      if (hpa !== undefined) return { page: hpa, host: hostSlots.get(hpa), guest };
      const leaf = viewOf(guest.slot === undefined ? 0n : read(guest.slot));
      return leaf.isPresent ? { page: leaf.page, host: hostSlots.get(leaf.page), guest } : undefined;
    });
  };

  const isFree = (read: Read, { guest }: Subject): boolean =>
    guest?.slot === undefined || !viewOf(read(guest.slot)).isPresent;

  const eventOf = (made: OwnershipCall, { guest }: Subject, gpaIsFree: () => boolean): PageEvent => {
    const vm = guest?.vm ?? 0;
    const gpa = gpaNumber(guest?.gpa ?? 0n);
    switch (made.name) {
      case 'host_share_guest':
      case 'host_donate_guest': {
        const vmKind = world.vms.find(({ id }) => id === vm)?.kind === 'protected' ? 'protected' : 'normal';
        return { type: made.name, vm, gpa, vmKind, gpaIsFree: gpaIsFree() };
      }
      case 'host_donate_hyp':
      case 'hyp_donate_host':
        return { type: made.name };
      default:
        return { type: made.name, vm, gpa };
    }
  };

  /**
   * Whether the protocol refuses the call whatever the other leaf holds: the call's own guest leaf where the guest
   * gives the page back, the host leaf otherwise. What is not looked at here is not part of the step's footprint.
   */
  const isRefusedByOneLeaf = (made: OwnershipCall, subject: Subject, read: Read): boolean => {
    if (made.hpa === undefined || subject.guest === undefined) return false;
    const event = eventOf(made, subject, () => true);
    if (made.name !== 'host_undonate_guest') return arrow(boxAtBest(read, subject), event) === undefined;
    const leaf = subject.guest.slot === undefined ? undefined : viewOf(read(subject.guest.slot));
    const isHere = leaf?.isPresent === true && leaf.page === subject.page;
    return !isHere && boxesElsewhere.every(box => arrow(box, event) === undefined);
  };

  const predict = (made: OwnershipCall, read: Read): Prediction | string => {
    if (!isWellFormed(made, world)) return refusal(Errno.EINVAL);
    const pages: Prediction['pages'][number][] = [];
    const subjects = subjectsOf(made, read);
    if (subjects.some(subject => subject !== undefined && isRefusedByOneLeaf(made, subject, read)))
      return refusal(Errno.EPERM);
    for (const subject of subjects) {
      if (subject === undefined) return refusal(Errno.EINVAL); // a guest call on a gpa that maps nothing
      const state = abstractPage(read, subject);
      if (typeof state === 'string') return state;
      const next = arrow(
        state,
        eventOf(made, subject, () => isFree(read, subject)),
      );
      if (next === undefined) return refusal(Errno.EPERM);
      pages.push({ subject, next });
    }
    return made.tablePages === 'exhausted' ? refusal(Errno.ENOMEM) : { result: 0, pages };
  };

  const compare = (made: OwnershipCall, { result, before, after, changed }: Step): string | undefined => {
    const predicted = predict(made, before);
    if (typeof predicted === 'string')
      return `before the call the bits are in no state of the protocol: ${predicted}`;
    if (predicted.result !== result) {
      return `the protocol returns ${errnoName(predicted.result)}, the bits ${errnoName(Number(result))}`;
    }
    for (const { subject, next } of predicted.pages) {
      const reached = abstractPage(after, subject);
      const page = `page 0x${subject.page.toString(16)}`;
      if (typeof reached === 'string')
        return `${page}: after the call the bits are in no state: ${reached}`;
      if (!isSame(reached, next))
        return `${page}: the protocol goes to ${showBox(next)}, the bits to ${showBox(reached)}`;
    }
    return strayWrite(predicted, changed);
  };

  return {
    name: 'page-ownership',
    disagrees: step => {
      const made = calls.get(step.action);
      if (made === undefined) throw new Error(`${step.action.name} is not a call of this system`);
      return compare(made, step);
    },
  };
}

/** A leaf that changed although the protocol moves none of the pages it belongs to. */
function strayWrite({ pages }: Prediction, changed: readonly Slot[]): string | undefined {
  const involved = new Set<Slot | undefined>(
    pages.flatMap(({ subject }) => [subject.host, subject.guest?.slot]),
  );
  const stray = changed.find(slot => !involved.has(slot));
  return stray === undefined ? undefined : `the protocol leaves ${stray.name} alone, the bits change it`;
}

const isSame = (one: PageBox, other: PageBox): boolean =>
  one.value === other.value &&
  one.context.guest?.vm === other.context.guest?.vm &&
  one.context.guest?.gpa === other.context.guest?.gpa;
