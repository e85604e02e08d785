import type { Call, Unit } from './call-context.ts';
import { hostPages } from './checks/records.ts';
import type { Answer } from './check.ts';
import type { Effects } from './effects.ts';
import type { LeafTable, Range } from './leaf-table.ts';
import { guestProt, hostProt, leafValue, type Prot, withState } from './leaf-word.ts';
import { BUG, CountedErrno } from './outcome.ts';
import { type PageRecord, PkvmPage, recordOf } from './page-record.ts';
import { CountedOwner, CountedState } from './page-state.ts';
import { isWalkable } from './ranges.ts';
import { settled, type Step, type StepFailure } from './step.ts';

/** The changes that operations are made of. facts/pkvm-2026.md 1.3, "effect" and "flush / wipe". */

const { PKVM_PAGE_NONE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = CountedState;

/** A change of the host's table, whose table pages pKVM has kept enough of: what fails here is a bug of pKVM. */
const hostStep = (
  name: string,
  about: string,
  change: (table: LeafTable, range: Range) => ReturnType<LeafTable['unmap']>,
): Step => ({
  name,
  about,
  run: ({ hpa, size }, { machine: { host } }, effects) => {
    const range = { start: hpa, size };
    if (!isWalkable(host, range))
      return { answer: BUG, why: 'the table of the host cannot be walked there' };
    return settled(change(host, range), { who: 'host', ...range }, effects, BUG);
  },
});

const mapsHost = (name: string, about: string, prot: Prot): Step =>
  hostStep(name, about, (table, range) => table.map(range, range.start, prot, 'pool'));

export const unmapHost = hostStep('host.unmap', 'the host no longer maps the pages', (table, range) =>
  table.unmap(range),
);
export const mapHost = mapsHost(
  'host.map',
  'the host maps the pages, read, write and execute',
  hostProt.ram,
);
export const mapHostReadOnly = mapsHost(
  'host.map_read_only',
  'the host maps the pages, read and execute',
  hostProt.readOnly,
);
export const mapHostMmio = mapsHost(
  'host.map_mmio',
  'the host maps the MMIO pages uncacheable, OWNED',
  hostProt.mmio,
);
export const annotateHost = hostStep(
  'host.annotate',
  'the leaves of the host name the hypervisor as owner',
  (table, range) => table.annotate(range, CountedOwner.PKVM_ID_HYP),
);

/** A change of the record of every page of the unit. */
const recordStep = (
  name: string,
  about: string,
  change: (record: PageRecord, call: Call) => Partial<PageRecord> | StepFailure,
): Step => ({
  name,
  about,
  run: (unit, call) => {
    for (const { page } of hostPages(call, unit)) {
      const word = call.machine.record(page);
      const changed = change(recordOf(word), call);
      if ('answer' in changed) return changed;
      call.machine.setRecord(page, PkvmPage.with(word, changed));
    }
    return undefined;
  },
});

const marks = (name: string, about: string, hostState: CountedState, owner: CountedOwner): Step =>
  recordStep(name, about, () => ({ hostState, owner }));

const { PKVM_ID_HOST, PKVM_ID_HYP, PKVM_ID_GUEST } = CountedOwner;
export const markHyp = marks('record.hyp', 'the records say NONE, HYP', PKVM_PAGE_NONE, PKVM_ID_HYP);
export const markHypShared = marks(
  'record.hyp_read_only',
  'the records say SHARED_BORROWED, HYP',
  PKVM_PAGE_SHARED_BORROWED,
  PKVM_ID_HYP,
);
export const markHost = marks('record.host', 'the records say OWNED, HOST', PKVM_PAGE_OWNED, PKVM_ID_HOST);
export const markGuest = marks(
  'record.guest',
  'the records say NONE, GUEST',
  PKVM_PAGE_NONE,
  PKVM_ID_GUEST,
);
export const markGuestShared = marks(
  'record.guest_shared',
  'the records say SHARED_BORROWED, GUEST',
  PKVM_PAGE_SHARED_BORROWED,
  PKVM_ID_GUEST,
);

type Count = 'hypShares' | 'guestShares';
const partyOf = { hypShares: 'hyp', guestShares: 'guest' } as const;

export const countShare = (count: Count): Step =>
  recordStep(
    `record.${partyOf[count]}_share`,
    'the records say SHARED_OWNED and count one share more',
    record => ({ hostState: PKVM_PAGE_SHARED_OWNED, [count]: record[count] + 1 }),
  );

/** Takes one share back; the last one makes the page the host's alone again. What does not fit the records is a bug. */
export const uncountShare = (count: Count, bugIn: string): Step =>
  recordStep(
    `record.${partyOf[count]}_unshare`,
    'the records count one share less, and say OWNED when none is left',
    record => {
      if (record[count] === 0)
        return { answer: BUG, why: 'the record counts no share that could be taken back', bugIn };
      const left = record[count] - 1;
      return { [count]: left, ...(left === 0 ? { hostState: PKVM_PAGE_OWNED } : {}) };
    },
  );

export const pin = recordStep(
  'record.pin',
  'the records count one pin more',
  ({ refcount }, { columns }) =>
    refcount >= columns.countMax
      ? {
          answer: BUG,
          why: `the record counts ${refcount} pins and has no room`,
          bugIn: 'pkvm_page_ref_inc',
        }
      : { refcount: refcount + 1 },
);

export const unpin = recordStep('record.unpin', 'the records count one pin less', ({ refcount }) =>
  refcount === 0
    ? { answer: BUG, why: 'the record counts no pin', bugIn: 'pkvm_page_ref_dec' }
    : { refcount: refcount - 1 },
);

const wipe = (name: string, about: string, isWiped: (unit: Unit, call: Call) => boolean): Step => ({
  name,
  about,
  run: (unit, call, effects) => {
    if (isWiped(unit, call)) effects.wipes.push({ start: unit.hpa, size: unit.size });
    return undefined;
  },
});

export const clear = wipe('memory.clear', 'the pages are zeroed, where asked for', (_, call) => call.clear);
export const wipeOwned = wipe(
  'memory.wipe',
  'what the guest had not shared is zeroed',
  ({ prot }) => leafValue(prot).pageState === PKVM_PAGE_OWNED,
);

const guestFlush = ({ gpa, size }: Unit, { vm }: Call): Effects['flushes'][number] => ({
  who: vm,
  start: gpa,
  size,
});

/** Maps the unit in the guest; a table page that cannot be had ends the call with `answer`. */
export const mapGuest = (state: CountedState): Step => ({
  name: 'guest.map',
  about: 'the guest maps the pages',
  run: (unit, call, effects) => {
    const prot = guestProt(state, state === PKVM_PAGE_OWNED || call.writable);
    const range = { start: unit.gpa, size: unit.size };
    const change = call.machine.guest(call.vm).map(range, unit.hpa, prot, 'pool or memcache');
    return settled(change, guestFlush(unit, call), effects, CountedErrno.ENOMEM);
  },
});

export const unmapGuest: Step = {
  name: 'guest.unmap',
  about: 'the guest no longer maps the pages',
  run: (unit, call, effects) => {
    const change = call.machine.guest(call.vm).unmap({ start: unit.gpa, size: unit.size });
    return settled(change, guestFlush(unit, call), effects, CountedErrno.ENOMEM);
  },
};

/** Changes the state of the guest's own leaves; rights, memory type, accessed and dirty stay. */
export const markGuestLeaf = (
  state: CountedState,
  pages: (call: Call) => Parameters<LeafTable['map']>[3],
  answer: Answer,
): Step => ({
  name: 'guest.mark',
  about: `the leaves of the guest say ${state === PKVM_PAGE_OWNED ? 'OWNED' : 'SHARED_OWNED'}`,
  run: (unit, call, effects) => {
    const range = { start: unit.gpa, size: unit.size };
    const change = call.machine
      .guest(call.vm)
      .map(range, unit.hpa, withState(unit.prot, state), pages(call));
    return settled(change, guestFlush(unit, call), effects, answer);
  },
});

/** Copies the firmware into the pages that lie where the VM wants it. facts/pkvm-2026.md 1.3, "pvmfw image". */
export const loadFirmware: Step = {
  name: 'memory.firmware',
  about: 'pages in the firmware window receive the firmware',
  run: ({ gpa, hpa, size }, { machine, vm }, effects) => {
    const window = machine.vm(vm)?.firmware;
    if (window === undefined) return undefined;
    const start = gpa > window.start ? gpa : window.start;
    const end = gpa + size < window.end ? gpa + size : window.end;
    if (start < end) effects.firmware.push({ start: hpa + (start - gpa), size: end - start });
    return undefined;
  },
};

/** Looks for accessed flags, and clears them where asked for. */
export const testYoung: Step = {
  name: 'guest.young',
  about: 'the answer is 1 where a leaf was used since, and the flags are cleared where asked for',
  run: ({ gpa, size }, { machine, vm, mkold }, effects) => {
    const table = machine.guest(vm);
    const range = { start: gpa, size };
    if (!isWalkable(table, range)) {
      effects.warnings += 1; // the error of the walk is swallowed: facts/pkvm-2026.md 1.4 13
      return undefined;
    }
    const isYoung = [...table.leaves(range)].some(
      ({ word }) => leafValue(word).isPresent && leafValue(word).isAccessed,
    );
    if (isYoung) effects.result = 1;
    if (isYoung && mkold) table.markOld(range);
    return undefined;
  },
};
