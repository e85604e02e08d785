import { SppVector, SpptEntry } from '../spp/entry.ts';
import { EptMemoryType } from '../entry.ts';
import { eptLevels } from '../level.ts';
import { mapsPage } from '../rights.ts';
import type { WalkRead } from '../translation.ts';

/** An entry as its format decodes it. */
export interface DescribedEntry {
  /** `PTE`, `L2E`: the entry of this level. */
  readonly name: string;
  /** The format's own name: `EptPde2M`. */
  readonly format: string;
  /** Every field, by its name in the format. */
  readonly fields: Readonly<Record<string, boolean | number | bigint>>;
}

/** Decodes a word that a walk read, in the format that its place and its bit 7 give it. */
export function describeEntry({ table, level, word }: WalkRead): DescribedEntry {
  if (table === 'sppt') {
    const format = level === 1 ? SppVector : SpptEntry;
    return { name: `L${level}E`, format: format.name, fields: format.decode(word) };
  }
  const { name, table: tableFormat, page } = eptLevels[level];
  const format = mapsPage(level, word) ? page : tableFormat;
  if (format === undefined) throw new RangeError(`a level-${level} entry maps no page`);
  return { name, format: format.name, fields: format.decode(word) };
}

/** The name of an EPT memory type, 0 to 7. */
export const memoryTypeName = (type: number): string =>
  Object.entries(EptMemoryType).find(([, value]) => value === type)?.[0] ?? `reserved memory type ${type}`;
