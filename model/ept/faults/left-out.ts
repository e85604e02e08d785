import { sppConditions } from '../spp/eligibility.ts';
import { without } from '../../fault.ts';
import type { WalkFault } from '../rules.ts';
import { misconfigurations } from '../misconfiguration.ts';
import { veConditions } from '../virtualization-exception.ts';
import { entryChecks } from '../vm-entry.ts';

/** Each single check of each list, left out. */
export const leftOut: readonly WalkFault[] = [
  ...entryChecks.map(({ field, name, source }, at): WalkFault => ({
    name: `vm-entry-${at + 1}-unchecked`,
    about: `VM entry does not check that in the field ${field} ${name}.`,
    source,
    change: rules => ({ entryChecks: without(rules.entryChecks, name) }),
  })),
  ...misconfigurations.map(({ name, source }): WalkFault => ({
    name: `${name}-is-no-misconfiguration`,
    about: `An EPT entry with ${name} is used as it stands.`,
    source,
    change: rules => ({ misconfigurations: without(rules.misconfigurations, name) }),
  })),
  ...sppConditions
    // nothing but a missing write bit refuses a write, so that alone changes nothing: see `bit-61-over-write-bit`
    .filter(({ name }) => name !== 'accumulated-write-clear')
    .map(({ name, source }): WalkFault => ({
      name: `spp-without-condition-${name}`,
      about: `The SPPT decides although the condition "${name}" does not hold.`,
      source,
      change: rules => ({ sppConditions: without(rules.sppConditions, name) }),
    })),
  ...veConditions.map(({ name, source }): WalkFault => ({
    name: `ve-without-condition-${name}`,
    about: `An EPT violation becomes a #VE although the condition "${name}" does not hold.`,
    source,
    change: rules => ({ veConditions: without(rules.veConditions, name) }),
  })),
];
