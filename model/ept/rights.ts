import type { Word } from '../bits/index.ts';
import { EptPdpte, EptPte } from './entry.ts';
import type { Level } from './level.ts';

/**
 * What an entry may permit. Bits 2:0, and bit 10, lie at the same place in every format. With mode-based execute
 * control, `execute` (bit 2) is execution from supervisor-mode linear addresses and `executeUser` (bit 10) from
 * user-mode ones; without, bit 10 means nothing.
 */
export type Right = 'read' | 'write' | 'execute' | 'executeUser';

/**
 * Whether all of these entries give a right: the logical AND of all entries used. Entries after the first that does
 * not are not looked at.
 */
export const allGive = (entries: readonly { readonly word: Word }[], right: Right): boolean =>
  entries.every(({ word }) => EptPte.get(word, right));

/** "present": any of bits 2:0 is 1, or bit 10 with mode-based execute control. SDM, "EPT Translation Mechanism". */
export const isPresent = (word: Word, modeBasedExecute: boolean): boolean =>
  EptPte.get(word, 'read') ||
  EptPte.get(word, 'write') ||
  EptPte.get(word, 'execute') ||
  (modeBasedExecute && EptPte.get(word, 'executeUser'));

/** Whether a present entry maps a page, and not a table: every PTE, and a PDPTE or PDE with bit 7. */
export const mapsPage = (level: Level, word: Word): boolean =>
  level === 1 || (level <= 3 && EptPdpte.get(word, 'mapsPage'));
