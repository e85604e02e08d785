import type { EptWalkEvent } from '../../../machines/ept-walk.ts';
import { type Access, type Cpu, cpuWith, guestAccess } from '../../../model/ept/index.ts';
import { type SparseMemory, sparseMemory } from '../../../model/memory/index.ts';
import { at, eptEntryAt, gpaAt, spptEntryAt } from '../../../systems/spp-walk/image.ts';

/** A concrete processor, memory and access that must take a path of the machine. */
export interface PathImage {
  readonly about: string;
  readonly memory: SparseMemory;
  readonly cpu: Cpu;
  readonly access: Access;
}

type Of<T extends EptWalkEvent['type']> = Extract<EptWalkEvent, { type: T }>;

/** How a refused or a granted right is brought about: the access, and which bits the entry at `where` lacks. */
interface RightsChoice {
  readonly about: string;
  readonly kind: Access['kind'];
  readonly lacks: bigint;
  /** The place of the entry without the right among those used, the leaf last. */
  readonly where: number;
}

function rightsChoices(missing: Of<'rights'>['missing'], used: number): readonly RightsChoice[] {
  const places = Array.from({ length: used }, (_, i) => i);
  switch (missing) {
    case 'nothing':
      return (['read', 'write', 'execute', 'rmw'] as const).map(kind => ({
        about: kind,
        kind,
        lacks: 0n,
        where: 0,
      }));
    case 'write':
      return places.map(where => ({
        about: `entry ${where} r-x`,
        kind: 'write' as const,
        lacks: 2n,
        where,
      }));
    case 'other':
      return places.flatMap(where => [
        { about: `fetch, entry ${where} rw-`, kind: 'execute' as const, lacks: 4n, where },
        { about: `read, entry ${where} --x`, kind: 'read' as const, lacks: 3n, where },
      ]);
  }
}

/** The SPPT words, the control and bit 61 that make `spp-walk` say this. */
interface SppChoice {
  readonly control: boolean;
  readonly bit61: boolean;
  readonly words: readonly (readonly [bigint, bigint])[];
}

const goodSppt = {
  4: at.sppt[3] + 1n,
  3: at.sppt[2] + 1n,
  2: at.sppt[1] + 1n,
  1: 0x5555_5555_5555_5555n,
} as const;

const spptWith = (changes: Partial<Record<1 | 2 | 3 | 4, bigint>>): SppChoice['words'] =>
  ([4, 3, 2, 1] as const).map(level => [spptEntryAt(level), changes[level] ?? goodSppt[level]] as const);

function sppChoices(says: Of<'spp_walk'>['says']): readonly SppChoice[] {
  const on = { control: true, bit61: true };
  switch (says) {
    case 'allow':
      return [
        { ...on, words: spptWith({}) },
        { ...on, words: spptWith({ 1: 4n ** 5n }) },
      ];
    case 'disallow':
      return [
        { ...on, words: spptWith({ 1: 0n }) },
        { ...on, words: spptWith({ 1: goodSppt[1] - 4n ** 5n }) },
      ];
    case 'miss':
      return ([4, 3, 2] as const).flatMap(level => [
        { ...on, words: spptWith({ [level]: 0n }) },
        { ...on, words: spptWith({ [level]: goodSppt[level] + 1n }) },
      ]);
    case 'misconfig':
      return [
        ...([4, 3, 2] as const).flatMap(level => [
          { ...on, words: spptWith({ [level]: goodSppt[level] + 2n }) },
          { ...on, words: spptWith({ [level]: goodSppt[level] + 2n ** 52n }) },
        ]),
        { ...on, words: spptWith({ 1: 2n }) },
        { ...on, words: spptWith({ 1: goodSppt[1] + 2n ** 63n }) },
      ];
    case 'EPT_decides':
      return [
        { control: false, bit61: true, words: spptWith({}) },
        { control: true, bit61: false, words: spptWith({}) },
      ];
  }
}

const tableBits = 0x7n;
const leafOf = {
  1: at.page['4K'] + 0x37n,
  2: at.page['2M'] + 0xb7n,
  3: at.page['1G'] + 0xb7n,
} as const;

/** The words of the EPT that the events describe, before rights and flags. */
function eptWords(
  entries: readonly Of<'ept_entry'>['is'][],
  levels: 4 | 5,
): readonly (readonly [bigint, bigint])[] {
  return entries.map((is, i) => {
    const level = (levels - i) as 1 | 2 | 3 | 4 | 5;
    const where = eptEntryAt(level);
    const next = level > 1 ? at.ept[(level - 1) as 1 | 2 | 3 | 4] + tableBits : 0n;
    switch (is) {
      case 'not_present':
        return [where, next - (level > 1 ? tableBits : 0n)];
      case 'misconfigured':
        return [where, at.ept[4] + 0x2n];
      case 'table':
        return [where, next];
      case 'page':
        return [where, level > 3 ? 0n : leafOf[level as 1 | 2 | 3]];
    }
  });
}

const none: RightsChoice = { about: 'write', kind: 'write', lacks: 0n, where: 0 };
const noSpp: SppChoice = { control: true, bit61: true, words: [] };

/** Images for a path of `ept-walk`: each way in which its events can come about, each by another memory. */
export function imagesFor(events: readonly EptWalkEvent[]): readonly PathImage[] {
  const find = <T extends EptWalkEvent['type']>(type: T): Of<T> | undefined =>
    events.find((event): event is Of<T> => event.type === type);
  const entry = find('vm_entry');
  const levels = entry?.levels ?? 4;
  const entries = events.flatMap(event => (event.type === 'ept_entry' ? [event.is] : []));
  const words = eptWords(entries, levels);
  const rights = find('rights');
  const spp = find('spp_walk');
  const flags = find('flags');
  const violation = find('ept_violation');
  const fails = entry?.fields === 'invalid';
  return (rights === undefined ? [none] : rightsChoices(rights.missing, words.length)).flatMap(right =>
    (spp === undefined ? [noSpp] : sppChoices(spp.says)).map(sppt => {
      const lastBits =
        (sppt.bit61 && rights?.missing !== 'nothing' ? 2n ** 61n : 0n) + flagBits(flags, right);
      const changed = words.map(([where, word], i): readonly [bigint, bigint] => {
        const isLast = i === words.length - 1;
        const lacking = rights !== undefined && i === right.where ? right.lacks : 0n;
        const upper = !isLast && flags?.needed === false ? 0x100n : 0n;
        return [where, word - lacking + (isLast && word !== 0n ? lastBits : 0n) + upper];
      });
      return {
        about: `${right.about} ${JSON.stringify(sppt.words.map(([, word]) => word.toString(16)))}`,
        memory: sparseMemory([...changed, ...sppt.words, [at.veInfo, 0n]]),
        cpu: cpuWith({
          eptp:
            at.ept[levels] +
            (levels === 5 ? 0x26n : 0x1en) +
            (flags === undefined ? 0n : 0x40n) +
            (fails ? 1n : 0n),
          spptp: at.sppt[4],
          maxPhysicalAddressWidth: 46,
          controls: {
            spp: sppt.control,
            pml: flags !== undefined,
            eptViolationVe: violation?.isConvertible ?? false,
          },
          state: {
            pmlIndex: flags?.logIsFull === true ? 512 : 511,
            pmlAddress: at.pmlLog,
            veInfoAddress: at.veInfo,
          },
        }),
        access: guestAccess(right.kind, gpaAt(0x280, levels), { size: 8 }),
      };
    }),
  );
}

/** Accessed and dirty in the leaf where nothing is to be set; nothing where something is. */
const flagBits = (flags: Of<'flags'> | undefined, { kind }: RightsChoice): bigint =>
  flags === undefined || flags.needed ? 0n : kind === 'write' || kind === 'rmw' ? 0x300n : 0x100n;
