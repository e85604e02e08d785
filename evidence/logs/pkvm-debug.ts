/**
 * What trees of pKVM that count print when a check of a page fails, or a record changes: each line tells something of the
 * record of a page. facts/pkvm-2026.md 3.
 */

/** What a print says of a page: the state as the record numbers it, the owner, or the count of pins. */
export interface DebugPrint {
  readonly page: bigint;
  readonly state?: number;
  readonly owner?: number;
  readonly pins?: number;
}

type Field = Exclude<keyof DebugPrint, 'page'>;
const H = '0x([0-9a-f]{1,16})';
/** A number ends here: a digit behind it that is none means that the line was damaged. */
const END = '(?!\\S)';

/** One print a line: its text up to the value, and which field of the record the value is. */
const prints: readonly (readonly [pattern: RegExp, field: Field])[] = [
  [
    new RegExp(`pgstate mismatch: phys=${H} host_state=(\\d{1,2}) expected_mask=0x[0-9a-f]+${END}`),
    'state',
  ],
  [new RegExp(`pgstate owner mismatch: phys=${H} owner=(\\d{1,2}) expected=\\d+${END}`), 'owner'],
  [new RegExp(`pgstate refcount nonzero: phys=${H} refcount=(\\d{1,5})${END}`), 'pins'],
  [new RegExp(`pkvm-debug: trace hpa=${H} tag=\\S+ old=\\d+ new=(\\d{1,5}) aux=0x[0-9a-f]+${END}`), 'pins'],
];

/** Lines of the same trees that name no record: which call failed, with its result. */
const others =
  /\b(?:check_host_mem_pgstate|check_page_state|__pkvm_host_donate_guest|vm_mmu_map|__do_donate) failed ret=-?\d+|donate: !finalized |pkvm-debug: first-owner |host_initiate_donation: /;

/** Reads a line of any log: what it says of a page, `passed` where it names no record, `undefined` where it is no such print. */
export function readDebugPrint(line: string): DebugPrint | 'passed' | undefined {
  if (!line.includes('pkvm') && !line.includes('pgstate') && !line.includes('donate')) return undefined;
  for (const [pattern, field] of prints) {
    const [, phys, value] = pattern.exec(line) ?? [];
    if (phys === undefined || value === undefined) continue;
    const address = BigInt(`0x${phys}`);
    return { page: address - (address % 4096n), [field]: Number(value) };
  }
  return others.test(line) ? 'passed' : undefined;
}
