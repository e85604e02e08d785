import { addressHex } from '../../../../bits/index.ts';
import { facts } from '../../../../citation.ts';
import { asked, type Answer, type CountedCheck, type Inquiry } from '../../check.ts';
import { BUG, CountedErrno } from '../../outcome.ts';
import type { AddressRange } from '../../machine.ts';
import type { Arm64Call, Arm64Unit } from '../call-context.ts';
import { arm64StateName, pageRecordOf, showArm64Record } from '../leaf.ts';

/** What is asked of physical pages: facts/pkvm-2026.md 2.2, facts/arm64-record.md 3. */

export type Arm64Inquiry = Inquiry<Arm64Call, Arm64Unit>;
type Record = ReturnType<typeof pageRecordOf>;

const PAGE = 0x1000n;
const whole = (_: Arm64Call, unit: Arm64Unit): readonly Arm64Unit[] => [unit];

export interface Arm64Page {
  readonly page: bigint;
  readonly word: bigint;
  readonly record: Record;
}

export const hasRecord = ({ machine: { memblocks } }: Arm64Call, page: bigint): boolean =>
  memblocks.some(({ start, end }) => page >= start && page < end);

/** The pages of a part of a call, with their records; those without a record are left out. */
export function* arm64Pages(call: Arm64Call, { phys, size }: Arm64Unit): Generator<Arm64Page> {
  for (let page = phys; page < phys + size; page += PAGE) {
    if (!hasRecord(call, page)) continue;
    const word = call.machine.record(page);
    yield { page, word, record: pageRecordOf(word) };
  }
}

const rangeFound = ({ phys, size }: Arm64Unit): string => `${addressHex(phys)}, ${size / PAGE} pages`;

/** `pfn_range_is_valid`. */
export const pfnRange: Arm64Inquiry = asked(
  (call: Arm64Call) => [call],
  [
    {
      name: 'pfn.range',
      answer: CountedErrno.EINVAL,
      rule: 'the page frames lie below the limit of physical addresses',
      source: facts.pkvm2026('2.2', 'pfn range -EINVAL'),
      holds: ({ machine, pfn, nr }) => {
        const limit = 1n << BigInt(machine.physicalBits - 12);
        return pfn < limit && limit - pfn >= nr;
      },
      found: ({ pfn, nr }) => `pfn ${addressHex(pfn)}, ${nr} pages`,
    },
  ],
);

/** The memblock or the hole between memblocks that an address lies in. */
function stretchOf(memblocks: readonly AddressRange[], address: bigint): AddressRange {
  const inside = memblocks.find(({ start, end }) => address >= start && address < end);
  if (inside !== undefined) return inside;
  const start = memblocks.reduce((from, block) => (block.end <= address ? block.end : from), 0n);
  const end = memblocks.find(block => block.start > address)?.start ?? (1n << 64n) - 1n;
  return { start, end };
}

/** `check_range_allowed_memory`: in one stretch, and that is RAM. An assertion where a leaf of a guest leads here. */
export const allowedMemory = ({ asserted = false } = {}): Arm64Inquiry =>
  asked(whole, [
    {
      name: 'memory.stretch',
      answer: asserted ? BUG : CountedErrno.EINVAL,
      rule: 'the range crosses no border between RAM and what is no RAM',
      source: facts.arm64Record('3', 'only a range crossing a border'),
      holds: ({ phys, size }, { machine: { memblocks } }) => {
        const { start, end } = stretchOf(memblocks, phys);
        const last = BigInt.asUintN(64, phys + size - 1n);
        return last >= start && last < end;
      },
      found: rangeFound,
    },
    {
      name: 'memory.ram',
      answer: asserted ? BUG : CountedErrno.EPERM,
      rule: 'the range is RAM',
      source: facts.arm64Record('3', 'a range wholly outside RAM is -EPERM'),
      holds: ({ phys }, call) => hasRecord(call, phys),
      found: rangeFound,
    },
  ]);

const found = ({ page, word }: Arm64Page): string => `page ${addressHex(page)}: ${showArm64Record(word)}`;

export const recordCheck = (
  name: string,
  rule: string,
  source: CountedCheck<never>['source'],
  holds: (record: Record, call: Arm64Call) => boolean,
  answer: Answer = CountedErrno.EPERM,
): CountedCheck<Arm64Page, Arm64Call> => ({
  name,
  answer,
  rule,
  source,
  holds: ({ record }, call) => holds(record, call),
  found,
});

const perPage = (...checks: readonly CountedCheck<Arm64Page, Arm64Call>[]): Arm64Inquiry =>
  asked(arm64Pages, checks);

/** `__host_check_page_state_range`: the range first, then every page. */
export const hostIs = (state: number, answer: Answer = CountedErrno.EPERM): readonly Arm64Inquiry[] => [
  allowedMemory({ asserted: answer === BUG }),
  perPage(
    recordCheck(
      'page.host',
      `the host's state of the page is ${arm64StateName(state)}`,
      facts.pkvm2026('2.1', 'Host and hyp state in'),
      ({ host }) => host === state,
      answer,
    ),
  ),
];

/** `__hyp_check_page_state_range`. */
export const hypIs = (state: number): Arm64Inquiry =>
  perPage(
    recordCheck(
      'page.hyp',
      `the hypervisor's state of the page is ${arm64StateName(state)}`,
      facts.pkvm2026('2.1', 'Host and hyp state in'),
      ({ hyp }) => hyp === state,
    ),
  );

/** Nobody uses the page: pins of a shared page, uses of a table page. */
export const unused: Arm64Inquiry = perPage(
  recordCheck(
    'page.unused',
    'the hypervisor holds no reference to the page',
    facts.pkvm2026('2.2', 'refcount!=0 -EBUSY'),
    ({ refcount }) => refcount === 0,
    CountedErrno.EBUSY,
  ),
);

/** Every page of a part, those without a record included: what is looked at before anybody asks for RAM. */
function* everyPage(call: Arm64Call, { phys, size }: Arm64Unit): Generator<Arm64Page> {
  for (let page = phys; page < phys + size; page += PAGE) {
    const word = hasRecord(call, page) ? call.machine.record(page) : 0n;
    yield { page, word, record: pageRecordOf(word) };
  }
}

/** The hypervisor's state, asked of pages of which nobody knows yet whether they are RAM. */
export const hypIsUnseen = (state: number): Arm64Inquiry =>
  asked(everyPage, [
    {
      name: 'page.record',
      answer: BUG,
      rule: 'the page has a record that can be read',
      source: facts.arm64Record('4', 'F6'),
      holds: ({ page }, call) => hasRecord(call, page),
      found: ({ page }) => `page ${addressHex(page)} is no RAM`,
    },
    recordCheck(
      'page.hyp',
      `the hypervisor's state of the page is ${arm64StateName(state)}`,
      facts.arm64Record('3', 'hyp OWNED -EPERM comes before the RAM test'),
      ({ hyp }) => hyp === state,
    ),
  ]);
