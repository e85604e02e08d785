export { address, bit, bits, type Field, ignored, type Role, reserved, wide } from './field.ts';
export { addressHex, groupedHex, wordHex } from './hex.ts';
export { type Lanes, lane, laneMask, lanesOf, wordOf } from './lane.ts';
export { beyondWidth, type Fields, type Layout, layout, type Values } from './layout.ts';
export { maskOf } from './mask.ts';
