import { Arm64PageState } from '../../../arm64/index.ts';
import type { Effects } from '../effects.ts';
import { BUG } from '../outcome.ts';
import type { Step, StepFailure } from '../step.ts';
import type { Arm64Call, Arm64Unit } from './call-context.ts';
import { arm64Pages } from './checks/memory.ts';
import {
  type Arm64RecordChange,
  arm64Record,
  guestAnnotation,
  hostLeaf,
  hypAnnotation,
  needsXnx,
  type pageRecordOf,
  poisoned,
  RWX,
  stage2Leaf,
  stage2Value,
} from './leaf.ts';

/** The changes that operations are made of. facts/pkvm-2026.md 2.2, facts/arm64-record.md 3. */

export type Arm64Step = Step<Arm64Call, Arm64Unit>;
const { OWNED, SHARED_OWNED, SHARED_BORROWED, NOPAGE } = Arm64PageState;
const PAGE = 0x1000n;

type Record = ReturnType<typeof pageRecordOf>;
const recordStep = (
  name: string,
  about: string,
  change: (record: Record, call: Arm64Call, page: bigint) => Arm64RecordChange | StepFailure,
): Arm64Step => ({
  name,
  about,
  run: (unit, call) => {
    for (const { page, word, record } of arm64Pages(call, unit)) {
      const changed = change(record, call, page);
      if ('answer' in changed) return changed;
      call.machine.setRecord(page, arm64Record(word, changed));
    }
    return undefined;
  },
});

const marks = (party: 'host' | 'hyp', state: number, about: string): Arm64Step =>
  recordStep(`record.${party}`, about, () => ({ [party]: state }));

export const hypOwns = marks('hyp', OWNED, 'the records say: owned by the hypervisor');
export const hypBorrows = marks('hyp', SHARED_BORROWED, 'the records say: borrowed by the hypervisor');
export const hypHasNot = marks('hyp', NOPAGE, 'the records say: not the hypervisor’s');
export const hostOwns = marks('host', OWNED, 'the records say: owned by the host');
export const hostHasNot = marks('host', NOPAGE, 'the records say: not the host’s');
export const hostShares = marks('host', SHARED_OWNED, 'the records say: owned and shared by the host');
export const hostBorrows = marks('host', SHARED_BORROWED, 'the records say: borrowed by the host');

export const countGuestShare = recordStep(
  'record.guest_share',
  'the records say: owned and shared by the host, and count one guest leaf more',
  ({ shareCount }) => ({ host: SHARED_OWNED, shareCount: shareCount + 1 }),
);
export const uncountGuestShare = recordStep(
  'record.guest_unshare',
  'the records count one guest leaf less, and say owned when none is left',
  ({ shareCount }) => ({ shareCount: shareCount - 1, ...(shareCount === 1 ? { host: OWNED } : {}) }),
);

/** Replaces the host's leaves; a translation that may be cached is flushed. */
const hostStep = (
  name: string,
  about: string,
  word: (page: bigint, unit: Arm64Unit, call: Arm64Call) => bigint,
): Arm64Step => ({
  name,
  about,
  run: (unit, call, effects) => {
    const { host } = call.machine;
    for (const { page } of arm64Pages(call, unit)) {
      const before = host.leaf(page).word;
      host.put(page, 3, word(page, unit, call));
      if (stage2Value(before).isValid) effects.flushes.push({ who: 'host', start: page, size: PAGE });
    }
    return undefined;
  },
});

export const annotateHyp = hostStep(
  'host.annotate',
  'the leaves of the host name the hypervisor as owner',
  (_page, _unit, { columns }) => hypAnnotation[columns.annotation],
);
export const annotateGuest = hostStep(
  'host.annotate',
  'the leaves of the host name the guest and its frame',
  (_page, { ipa }, { machine, vm }) => guestAnnotation(machine.vm(vm)?.handle ?? 0, ipa / PAGE),
);

/** Maps the pages for the host. A valid leaf that differs in rights alone is left as it is: F8. */
export const mapHost: Arm64Step = {
  name: 'host.map',
  about: 'the host maps the pages',
  run: (unit, call) => {
    const { host } = call.machine;
    for (const { page } of arm64Pages(call, unit)) {
      const { word, level } = host.leaf(page);
      const isMapped = stage2Value(word).isValid && stage2Value(word).phys === page && level === 3;
      if (!isMapped) host.put(page, 3, hostLeaf(page));
    }
    return undefined;
  },
};

/** Maps the pages for the host where it had none of them, which the first page of the range decides. */
export const mapHostIfGone: Arm64Step = {
  ...mapHost,
  about: 'the host maps the pages again, if the first of them was not its own',
  run: (unit, call, effects) => {
    const [first] = arm64Pages(call, unit);
    return first?.record.host === NOPAGE ? mapHost.run(unit, call, effects) : undefined;
  },
};

const el2Step = (name: string, about: string, isMapped: boolean): Arm64Step => ({
  name,
  about,
  run: (unit, call) => {
    for (const { page } of arm64Pages(call, unit)) call.machine.setMappedAtEl2(page, isMapped);
    return undefined;
  },
});
export const mapAtEl2 = el2Step('el2.map', 'the hypervisor maps the pages', true);
export const unmapAtEl2 = el2Step('el2.unmap', 'the hypervisor no longer maps the pages', false);

export const pinPages = recordStep(
  'record.pin',
  'the records count one reference more; the first maps the page at EL2',
  ({ refcount }, { machine, columns }, page) => {
    if (refcount >= columns.pinMax)
      return { answer: BUG, why: `the record counts ${refcount} references and has no room` };
    if (refcount === 0) machine.setMappedAtEl2(page, true);
    return { refcount: refcount + 1 };
  },
);
export const unpinPages = recordStep(
  'record.unpin',
  'the records count one reference less; the last unmaps the page at EL2',
  ({ refcount }, { machine }, page) => {
    if (refcount === 0) return { answer: BUG, why: 'the record counts no reference' };
    if (refcount === 1) machine.setMappedAtEl2(page, false);
    return { refcount: refcount - 1 };
  },
);

/** Puts a leaf into the guest's table; without a page for a table that is an assertion. */
const guestLeafStep = (
  name: string,
  about: string,
  word: (unit: Arm64Unit, call: Arm64Call, level: 2 | 3) => bigint,
): Arm64Step => ({
  name,
  about,
  run: (unit, call, effects) => {
    const table = call.machine.guest(call.vm);
    const level = unit.size === PAGE ? 3 : 2;
    const isFlushed = stage2Value(table.leaf(unit.ipa).word).isValid;
    if (!table.put(unit.ipa, level, word(unit, call, level)))
      return { answer: BUG, why: 'no page can be had for the table of the guest' };
    if (isFlushed) flushGuest(unit, call, effects);
    return undefined;
  },
});

const flushGuest = ({ ipa, size }: Arm64Unit, { vm }: Arm64Call, effects: Effects): void => {
  effects.flushes.push({ who: vm, start: ipa, size });
};

const ownLeaf = (name: string, about: string, state: number): Arm64Step =>
  guestLeafStep(name, about, ({ phys }, _, level) => stage2Leaf(phys, RWX, state, level));
export const mapOwned = ownLeaf('guest.map', 'the guest maps the page and owns it', OWNED);
export const markShared = ownLeaf(
  'guest.mark',
  'the leaf of the guest says: owned and shared',
  SHARED_OWNED,
);
export const markOwned = ownLeaf('guest.mark', 'the leaf of the guest says: owned', OWNED);
const borrowed = guestLeafStep(
  'guest.map',
  'the guest maps the pages with the rights that are asked for, and borrows them',
  ({ phys }, { prot }, level) => stage2Leaf(phys, prot, SHARED_BORROWED, level),
);
/** Whether the processor can grant these rights is found out here, and asserted. F3. */
export const mapBorrowed: Arm64Step = {
  ...borrowed,
  run: (unit, call, effects) =>
    call.machine.hasXnx || !needsXnx(call.prot)
      ? borrowed.run(unit, call, effects)
      : { answer: BUG, why: 'execution at one exception level alone needs FEAT_XNX' },
};
export const poison = guestLeafStep(
  'guest.poison',
  'the leaf of the guest says that the page was taken by force',
  () => poisoned,
);

export const unmapFromGuest: Arm64Step = {
  name: 'guest.unmap',
  about: 'the guest no longer maps the pages',
  run: (unit, call, effects) => {
    call.machine.guest(call.vm).remove(unit.ipa);
    flushGuest(unit, call, effects);
    return undefined;
  },
};

export const zero: Arm64Step = {
  name: 'memory.wipe',
  about: 'the page is zeroed',
  run: ({ phys }, _, effects) => {
    effects.wipes.push({ start: phys, size: PAGE });
    return undefined;
  },
};
