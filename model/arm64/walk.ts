import type { PhysicalMemory } from '../memory/index.ts';
import {
  type Attributes,
  attributesOf,
  entryShift,
  kindOf,
  type Level,
  outputOf,
  tableOf,
} from './descriptor.ts';
import type { Stage2 } from './registers.ts';

/** One access by a guest, or by the host under its own stage 2. */
export interface Stage2Access {
  /** The intermediate physical address. */
  readonly ipa: bigint;
  readonly kind: 'read' | 'write' | 'execute';
  /** For a fetch: whether it is made at EL0. */
  readonly el0?: boolean;
}

/** One entry that the walk read. */
export interface Stage2Entry {
  readonly level: Level;
  readonly at: bigint;
  readonly word: bigint;
}

/** What the walk comes to. There is no device model: alignment, memory types and stage 1 are not looked at. */
export type Stage2Outcome = { readonly walk: readonly Stage2Entry[] } & (
  | {
      readonly kind: 'allowed';
      readonly pa: bigint;
      readonly level: Level;
      readonly sizeBytes: bigint;
      readonly attributes: Attributes;
      /** The access flag was 0 and the hardware sets it (VTCR_EL2.HA). */
      readonly setsAccessFlag: boolean;
    }
  | {
      readonly kind: 'translation_fault';
      readonly level: Level;
      readonly cause: 'beyond the input size' | 'invalid descriptor' | 'reserved descriptor';
    }
  | { readonly kind: 'address_size_fault'; readonly level: Level; readonly output: bigint }
  | { readonly kind: 'access_flag_fault'; readonly level: Level }
  | { readonly kind: 'permission_fault'; readonly level: Level; readonly attributes: Attributes }
  | { readonly kind: 'unknown'; readonly level: Level; readonly address: bigint }
);

const lower = (level: Level): Level => (level === 3 ? 3 : ((level + 1) as Level));

/** Where the entry of a level for `ipa` lies. The root may be up to 16 concatenated pages, of which the index picks one. */
function entryAddress({ root, startLevel }: Stage2, table: bigint, level: Level, ipa: bigint): bigint {
  const index = ipa >> BigInt(entryShift(level));
  return level === startLevel ? root + 8n * index : table + 8n * (index % 512n);
}

/** Walks one stage-2 table. facts/arm64-live.md 4 and 5. */
export function translateStage2(
  memory: PhysicalMemory,
  stage2: Stage2,
  access: Stage2Access,
): Stage2Outcome {
  const { startLevel, inputBits, outputBits, lpa2 } = stage2;
  const walk: Stage2Entry[] = [];
  if (access.ipa >> BigInt(inputBits) !== 0n)
    return { kind: 'translation_fault', level: 0, cause: 'beyond the input size', walk };
  let table = stage2.root;
  for (let level = startLevel; ; level = lower(level)) {
    const at = entryAddress(stage2, table, level, access.ipa);
    const word = memory.read(at);
    if (word === undefined) return { kind: 'unknown', level, address: at, walk };
    walk.push({ level, at, word });
    const kind = kindOf(word, level, lpa2);
    if (kind === 'invalid' || kind === 'reserved')
      return { kind: 'translation_fault', level, cause: `${kind} descriptor`, walk };
    const output = kind === 'table' ? tableOf(word, lpa2) : outputOf(word, level, lpa2);
    if (output >> BigInt(outputBits) !== 0n) return { kind: 'address_size_fault', level, output, walk };
    if (kind !== 'table') return atLeaf(stage2, access, { level, word, output }, walk);
    table = output;
  }
}

function atLeaf(
  { managesAccessFlag, managesDirtyState }: Stage2,
  { ipa, kind, el0 }: Stage2Access,
  { level, word, output }: { level: Level; word: bigint; output: bigint },
  walk: readonly Stage2Entry[],
): Stage2Outcome {
  const attributes = attributesOf(word);
  if (!attributes.accessFlag && !managesAccessFlag) return { kind: 'access_flag_fault', level, walk };
  const isWritable = attributes.write || (managesDirtyState && attributes.dbm);
  const permits = {
    read: attributes.read,
    write: isWritable,
    execute: el0 === true ? attributes.executeEl0 : attributes.executeEl1,
  }[kind];
  if (!permits) return { kind: 'permission_fault', level, attributes, walk };
  const sizeBytes = 1n << BigInt(entryShift(level));
  const pa = output + (ipa % sizeBytes);
  return {
    kind: 'allowed',
    pa,
    level,
    sizeBytes,
    attributes,
    setsAccessFlag: !attributes.accessFlag,
    walk,
  };
}
