import type { Field } from './field.ts';

/** The bits `hi:lo` of a word. */
export const maskOf = ({ hi, lo }: Pick<Field, 'hi' | 'lo'>): bigint =>
  ((1n << BigInt(hi - lo + 1)) - 1n) << BigInt(lo);

/** The bits of a mask as a person writes them, highest first: `bit 3`, `bits 63:52, 11 and 1`. */
export function bitsNamed(mask: bigint): string {
  const set = Array.from({ length: 64 }, (_, at) => 63 - at).filter(
    at => (mask & (1n << BigInt(at))) !== 0n,
  );
  const runs: [hi: number, lo: number][] = [];
  for (const at of set) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] === at + 1) run[1] = at;
    else runs.push([at, at]);
  }
  const names = runs.map(([hi, lo]) => (hi === lo ? `${hi}` : `${hi}:${lo}`));
  const list = [names.slice(0, -1).join(', '), ...names.slice(-1)]
    .filter(part => part !== '')
    .join(' and ');
  return `${set.length === 1 ? 'bit' : 'bits'} ${list}`;
}
