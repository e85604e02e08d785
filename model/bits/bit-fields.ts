import { type CType, u32 } from './c-type.ts';
import type { Fields, Layout, Values } from './layout.ts';

/**
 * `struct { u32 first : 1; u32 second : 31; }`: 32 bits read through a layout whose upper half is reserved. gcc fills
 * bit fields from bit 0 up, which the layout says outright.
 */
export function bitFields<F extends Fields>(word: Layout<F>): CType<Values<F>, Partial<Values<F>>> {
  const bits = Object.entries(word.fields)
    .filter(([, field]) => field.role === 'value')
    .map(([name, { hi, lo }]) => ({ name, hi, lo }))
    .sort((a, b) => a.lo - b.lo);
  return {
    name: 'u32',
    size: u32.size,
    alignment: u32.alignment,
    bits,
    read: (view, at) => word.decode(BigInt(u32.read(view, at))),
    write: (view, at, values, path) => u32.write(view, at, Number(word.encode(values)), path),
  };
}
