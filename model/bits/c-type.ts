/**
 * The C types that a structure shared with a kernel or hypervisor is made of, on x86-64: little-endian, naturally
 * aligned. `T` is what reading gives; `W` is what writing takes.
 */
export interface CType<out T = unknown, in W = never> {
  /** As a person writes it: `u32`, `u64[3]`, `struct kvm_nested_state`. */
  readonly name: string;
  /** `sizeof`, in bytes. 0 for a flexible array. */
  readonly size: number;
  /** `_Alignof`, in bytes: 1, 2, 4 or 8. */
  readonly alignment: number;
  /** What it is made of, for a reader that walks the table: a structure's or union's own members. */
  readonly members?: readonly Member[];
  /** The bit fields of an integer that is read as such. */
  readonly bits?: readonly { readonly name: string; readonly hi: number; readonly lo: number }[];
  /** Bytes that a value takes beyond `size`: a flexible array's elements. */
  readonly tail?: (value: W) => number;
  readonly read: (view: DataView, at: number) => T;
  /** @throws RangeError naming `path` for a value that does not read back. */
  readonly write: (view: DataView, at: number, value: W, path: string) => void;
}

/** One member of a structure or union, where it lies in it. */
export interface Member {
  readonly name: string;
  readonly offset: number;
  readonly type: CType;
}

type NumberReader = (view: DataView, at: number) => number;
type NumberWriter = (view: DataView, at: number, value: number) => void;

function integer(name: string, size: number, read: NumberReader, set: NumberWriter): CType<number, number> {
  const write = (view: DataView, at: number, value: number, path: string): void => {
    set(view, at, value);
    if (read(view, at) !== value) throw new RangeError(`${path} cannot hold ${value} in a ${name}`);
  };
  return { name, size, alignment: size, read, write };
}

function wideInteger(name: string, fit: (value: bigint) => bigint): CType<bigint, bigint> {
  const write = (view: DataView, at: number, value: bigint, path: string): void => {
    if (fit(value) !== value) throw new RangeError(`${path} cannot hold ${value} in a ${name}`);
    view.setBigUint64(at, BigInt.asUintN(64, value), true);
  };
  return { name, size: 8, alignment: 8, read: (view, at) => fit(view.getBigUint64(at, true)), write };
}

export const u8 = integer(
  'u8',
  1,
  (view, at) => view.getUint8(at),
  (view, at, value) => view.setUint8(at, value),
);
export const u16 = integer(
  'u16',
  2,
  (view, at) => view.getUint16(at, true),
  (view, at, value) => view.setUint16(at, value, true),
);
export const u32 = integer(
  'u32',
  4,
  (view, at) => view.getUint32(at, true),
  (view, at, value) => view.setUint32(at, value, true),
);
export const s32 = integer(
  's32',
  4,
  (view, at) => view.getInt32(at, true),
  (view, at, value) => view.setInt32(at, value, true),
);
export const u64 = wideInteger('u64', value => BigInt.asUintN(64, value));
export const s64 = wideInteger('s64', value => BigInt.asIntN(64, value));

/** `element name[length]`. */
export function array<T, W>(element: CType<T, W>, length: number): CType<readonly T[], readonly W[]> {
  const { size, alignment } = element;
  return {
    name: `${element.name}[${length}]`,
    size: size * length,
    alignment,
    read: (view, at) => Array.from({ length }, (_, i) => element.read(view, at + i * size)),
    write: (view, at, values, path) => {
      if (values.length !== length)
        throw new RangeError(`${path} holds ${length} elements, not ${values.length}`);
      values.forEach((value, i) => element.write(view, at + i * size, value, `${path}[${i}]`));
    },
  };
}

/** `element name[]`: the elements that fill the buffer up to its end. Only the last member of a structure. */
export function flexibleArray<T, W>(element: CType<T, W>): CType<readonly T[], readonly W[]> {
  const { size, alignment } = element;
  return {
    name: `${element.name}[]`,
    size: 0,
    alignment,
    tail: values => values.length * size,
    read: (view, at) => {
      const length = Math.floor((view.byteLength - at) / size);
      return Array.from({ length }, (_, i) => element.read(view, at + i * size));
    },
    write: (view, at, values, path) =>
      values.forEach((value, i) => element.write(view, at + i * size, value, `${path}[${i}]`)),
  };
}

const bytesAt = (view: DataView, at: number, length: number): Uint8Array =>
  new Uint8Array(view.buffer, view.byteOffset + at, length);

/** `u8 name[length]`, read as one copied `Uint8Array`. */
export const bytes = (length: number): CType<Uint8Array, Uint8Array> => ({
  name: `u8[${length}]`,
  size: length,
  alignment: 1,
  read: (view, at) => bytesAt(view, at, length).slice(),
  write: (view, at, value, path) => {
    if (value.length !== length) throw new RangeError(`${path} holds ${length} bytes, not ${value.length}`);
    bytesAt(view, at, length).set(value);
  },
});

/** `u8 name[]`: every byte up to the end of the buffer. Only the last member of a structure. */
export const flexibleBytes: CType<Uint8Array, Uint8Array> = {
  name: 'u8[]',
  size: 0,
  alignment: 1,
  tail: value => value.length,
  read: (view, at) => bytesAt(view, at, view.byteLength - at).slice(),
  write: (view, at, value) => bytesAt(view, at, value.length).set(value),
};
