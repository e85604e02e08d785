import type { Cpu } from './cpu.ts';
import type { Demand } from './demand.ts';
import { EptPte } from './entry.ts';
import type { MappedPage } from './translation.ts';

/** A right that an access lacks. */
export type MissingRight = 'read' | 'write' | 'execute' | 'write-above-leaf' | 'shadow-stack-page';

/**
 * The rights that the entries of a translation do not give an access: none where it is granted. SDM vol. 3C, "EPT
 * Violations"; facts 2, step 3. A supervisor shadow-stack access needs bit 60 of the leaf instead of its write bit.
 */
export function missingRights(page: MappedPage, demand: Demand, cpu: Cpu): readonly MissingRight[] {
  const { rights, rightsAboveLeaf, leaf } = page;
  const missing: MissingRight[] = [];
  if (demand.supervisorShadowStack) {
    if (!rights.read) missing.push('read');
    if (!rightsAboveLeaf.write) missing.push('write-above-leaf');
    if (!EptPte.get(leaf.word, 'shadowStack')) missing.push('shadow-stack-page');
    return missing;
  }
  const byUser = cpu.controls.mbe && demand.access.userMode;
  if (demand.read && !rights.read) missing.push('read');
  if (demand.write && !rights.write) missing.push('write');
  if (demand.execute && !(byUser ? rights.executeUser : rights.execute)) missing.push('execute');
  return missing;
}
