import type { Slot, Value } from '../../checker/index.ts';
import { PkvmAnnotation, PkvmLeaf, viewOf } from '../../model/pkvm/index.ts';
import type { AnyLayout } from '../word-fields.tsx';

/**
 * The format of the word that a slot holds, by the slot's name; `undefined` for a value that is no word. A host leaf
 * that maps nothing is an annotation: its bits say who owns the page.
 */
export function wordFormat({ name }: Slot, value: Value): AnyLayout | undefined {
  if (typeof value !== 'bigint') return undefined;
  if (/^host\[/.test(name)) return viewOf(value).isPresent ? PkvmLeaf : PkvmAnnotation;
  // a cached translation is held as the leaf's rights, memory type and page
  if (/^guest\d*\[|^iotlb|\.tlb\./.test(name)) return PkvmLeaf;
  return undefined;
}
