import { EptPdpte, EptPte } from './entry.ts';
import type { Level } from './level.ts';

/** What entries permit. Bits 2:0, and bit 10, lie at the same place in every format. */
export interface Rights {
  readonly read: boolean;
  readonly write: boolean;
  /** Bit 2. With mode-based execute control: execution from supervisor-mode linear addresses. */
  readonly execute: boolean;
  /** Bit 10: execution from user-mode linear addresses. Means nothing without mode-based execute control. */
  readonly executeUser: boolean;
}

export const everyRight: Rights = { read: true, write: true, execute: true, executeUser: true };

export const rightsOf = (word: bigint): Rights => ({
  read: EptPte.get(word, 'read'),
  write: EptPte.get(word, 'write'),
  execute: EptPte.get(word, 'execute'),
  executeUser: EptPte.get(word, 'executeUser'),
});

/** The rights that both give. Over a walk: the logical AND of all entries used. */
export const bothPermit = (a: Rights, b: Rights): Rights => ({
  read: a.read && b.read,
  write: a.write && b.write,
  execute: a.execute && b.execute,
  executeUser: a.executeUser && b.executeUser,
});

/** "present": any of bits 2:0 is 1, or bit 10 with mode-based execute control. SDM, "EPT Translation Mechanism". */
export const isPresent = (word: bigint, modeBasedExecute: boolean): boolean =>
  EptPte.get(word, 'read') ||
  EptPte.get(word, 'write') ||
  EptPte.get(word, 'execute') ||
  (modeBasedExecute && EptPte.get(word, 'executeUser'));

/** Whether a present entry maps a page, and not a table: every PTE, and a PDPTE or PDE with bit 7. */
export const mapsPage = (level: Level, word: bigint): boolean =>
  level === 1 || (level <= 3 && EptPdpte.get(word, 'mapsPage'));
