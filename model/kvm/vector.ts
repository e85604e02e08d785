import { bit, type Field, layout, reserved } from '../bits/index.ts';
import { spreadVector } from '../ept/spp/index.ts';

type SubPageBitmapFields = Readonly<Record<`subPage${number}`, Field<boolean, 'value'>>> &
  Readonly<Record<'_63_32', Field<bigint, 'reserved'>>>;

/**
 * KVM's sub-page vector as user space passes it, a u32: bit i set lets the guest write sub-page i. Facts 3.1: "Hardware
 * L1E = spread(vector): bit i -> bit 2i".
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-assertion -- it names the fields, which the rule does not see
export const SubPageBitmap = layout('SubPageBitmap', {
  ...Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`subPage${i}`, bit(i)])),
  _63_32: reserved(63, 32),
} as SubPageBitmapFields);

export const subPageNumbers: readonly number[] = Array.from({ length: 32 }, (_, i) => i);

/** Every sub-page writable: "not protected", and what a page starts with. */
export const FULL_VECTOR = 0xffffffff;

/** The vector in which exactly these sub-pages may not be written. */
export const vectorDenying = (denied: readonly number[]): number =>
  Number(
    SubPageBitmap.encode(Object.fromEntries(subPageNumbers.map(i => [`subPage${i}`, !denied.includes(i)]))),
  );

/** Whether a vector lets the guest write a sub-page. */
export const permitsWrite = (vector: number, subPage: number): boolean =>
  SubPageBitmap.get(BigInt(vector), `subPage${subPage}`);

const spreadWords = new Map<number, bigint>();

/** The SPPT L1E that enforces a vector: `spreadVector`, remembered. */
export function spread(vector: number): bigint {
  let word = spreadWords.get(vector);
  if (word === undefined) {
    word = spreadVector(vector);
    spreadWords.set(vector, word);
  }
  return word;
}
