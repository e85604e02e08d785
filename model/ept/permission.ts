import type { Word } from '../bits/index.ts';
import type { Cpu } from './cpu.ts';
import type { Demand } from './demand.ts';
import { EptPte } from './entry.ts';
import { allGive } from './rights.ts';
import type { MappedPage } from './translation.ts';

/** A right that an access lacks. */
export type MissingRight = 'read' | 'write' | 'execute' | 'write-above-leaf' | 'shadow-stack-page';

/**
 * The rights that the entries of a translation do not give an access: none where it is granted. SDM vol. 3C, "EPT
 * Violations"; facts 2, step 3. A supervisor shadow-stack access needs bit 60 of the leaf instead of its write bit.
 */
export function missingRights(
  page: MappedPage<Word>,
  demand: Demand,
  cpu: Cpu<Word>,
): readonly MissingRight[] {
  const { entries, leaf } = page;
  const missing: MissingRight[] = [];
  if (demand.supervisorShadowStack) {
    const above = entries.filter(entry => entry !== leaf);
    if (!allGive(entries, 'read')) missing.push('read');
    if (!allGive(above, 'write')) missing.push('write-above-leaf');
    if (!EptPte.get(leaf.word, 'shadowStack')) missing.push('shadow-stack-page');
    return missing;
  }
  const byUser = cpu.controls.mbe && demand.access.userMode;
  if (demand.read && !allGive(entries, 'read')) missing.push('read');
  if (demand.write && !allGive(entries, 'write')) missing.push('write');
  if (demand.execute && !allGive(entries, byUser ? 'executeUser' : 'execute')) missing.push('execute');
  return missing;
}
