import type { Slot, Value } from '../../checker/index.ts';
import {
  EptPde,
  EptPde2M,
  EptPdpte,
  EptPdpte1G,
  EptPml4e,
  EptPml5e,
  EptPte,
} from '../../model/ept/index.ts';
import { PkvmAnnotation, PkvmLeaf, viewOf } from '../../model/pkvm/index.ts';
import { SpptEntry, SppVector } from '../../model/ept/spp/index.ts';
import type { AnyLayout } from '../../model/bits/index.ts';

type Format = (word: bigint) => AnyLayout;

/** Which format a slot's words have, by the slot's name; the first that fits. */
const formats: readonly (readonly [RegExp, Format])[] = [
  // a host leaf that maps nothing is an annotation: its bits say who owns the page
  [/^host\[/, word => (viewOf(word).isPresent ? PkvmLeaf : PkvmAnnotation)],
  // a cached translation is held as the leaf's rights, memory type and page
  [/^guest\d*\[|^iotlb|\.tlb\./, () => PkvmLeaf],
  [/^SPPT L1E/, () => SppVector],
  [/^SPPT L[234]E/, () => SpptEntry],
  [/^(EPT )?PML5E/, () => EptPml5e],
  [/^(EPT )?PML4E/, () => EptPml4e],
  [/^(EPT )?PDPTE/, word => (EptPdpte.get(word, 'mapsPage') ? EptPdpte1G : EptPdpte)],
  [/^(EPT )?PDE/, word => (EptPde.get(word, 'mapsPage') ? EptPde2M : EptPde)],
  [/^(EPT )?PTE/, () => EptPte],
];

/** The format of the word that a slot holds; `undefined` for a value that is no 64-bit word of a table. */
export function wordFormat({ name }: Slot, value: Value): AnyLayout | undefined {
  if (typeof value !== 'bigint') return undefined;
  return formats.find(([pattern]) => pattern.test(name))?.[1](value);
}
