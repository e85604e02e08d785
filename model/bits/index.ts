export { bitFields } from './bit-fields.ts';
export {
  array,
  bytes,
  type CType,
  flexibleArray,
  flexibleBytes,
  type Member,
  s32,
  s64,
  u8,
  u16,
  u32,
  u64,
} from './c-type.ts';
export {
  address,
  bit,
  bits,
  type Field,
  type FieldWords,
  flag,
  ignored,
  inWords,
  type Role,
  reserved,
  wide,
} from './field.ts';
export { addressHex, bytesHex, bytesOfHex, groupedHex, wordHex } from './hex.ts';
export { type Lanes, lane, laneMask, lanesOf, wordOf } from './lane.ts';
export { type AnyLayout, beyondWidth, type Fields, type Layout, layout, type Values } from './layout.ts';
export { bitsNamed, maskOf } from './mask.ts';
export {
  type Members,
  type Struct,
  struct,
  type StructInput,
  type StructOptions,
  type StructValues,
} from './struct.ts';
export { union } from './union.ts';
export { anySet, type ObservedWord, sameWord, setBits, withSet, type Word } from './word.ts';
export { anyWord, countOf, type PartlyKnown, type WordSet } from './word-set.ts';
export { type Choose, isSameQuestion, Observed, type Question } from './observed.ts';
export { type Place, placesOf } from './places.ts';
export {
  type Change,
  type ChangeKind,
  changesBetween,
  namedPlaces,
  type StructHistory,
  type StructRevision,
} from './history.ts';
