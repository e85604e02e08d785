import type { CType, Member } from './c-type.ts';

export type Members = Readonly<Record<string, CType>>;

type ReadOf<X> = X extends CType<infer T, never> ? T : never;
type WriteOf<X> = X extends {
  readonly write: (view: DataView, at: number, value: infer W, path: string) => void;
}
  ? W
  : never;

/** What a structure in memory says: one property a member. */
export type StructValues<F> = { readonly [K in keyof F]: ReadOf<F[K]> };
/** What writing a structure takes: members left out are zero. */
export type StructInput<F> = { readonly [K in keyof F]?: WriteOf<F[K]> };

/** A declared C structure, from which everything that reads or writes its bytes derives. Usable as a member type. */
export interface Struct<F extends Members> extends CType<StructValues<F>, StructInput<F>> {
  readonly members: readonly Member[];
  readonly packed: boolean;
  /** `offsetof` each member, in bytes. */
  readonly offsets: { readonly [K in keyof F]: number };
  /** Padding that the compiler inserted: bytes that no member names. Encoded as zero, not decoded. */
  readonly holes: readonly { readonly offset: number; readonly size: number }[];
  /** @throws RangeError when the buffer is shorter than `size`. */
  decode(buffer: Uint8Array): StructValues<F>;
  /** A new buffer of `size` bytes, and more where the last member is flexible. Members left out are zero. */
  encode(values: StructInput<F>): Uint8Array;
}

export interface StructOptions {
  /** `sizeof` as the source has it: the table is refused at load when it comes out otherwise. */
  readonly size: number;
  /** `offsetof` as the source has it, checked likewise. */
  readonly offsets?: Readonly<Record<string, number>>;
  /** `__attribute__((packed))`: no padding, alignment 1. */
  readonly packed?: boolean;
}

const roundUp = (value: number, alignment: number): number => Math.ceil(value / alignment) * alignment;

function place(
  name: string,
  fields: Members,
  packed: boolean,
): Pick<Struct<Members>, 'members' | 'holes'> & { end: number } {
  const members: Member[] = [];
  const holes: { offset: number; size: number }[] = [];
  let end = 0;
  for (const [field, type] of Object.entries(fields)) {
    const previous = members.at(-1);
    if (previous?.type.tail !== undefined)
      throw new RangeError(`${name}: ${previous.name} is flexible and not the last member`);
    const offset = packed ? end : roundUp(end, type.alignment);
    if (offset > end) holes.push({ offset: end, size: offset - end });
    members.push({ name: field, offset, type });
    end = offset + type.size;
  }
  return { members, holes, end };
}

function checkDeclared(
  name: string,
  members: readonly Member[],
  size: number,
  declared: StructOptions,
): void {
  for (const [field, offset] of Object.entries(declared.offsets ?? {})) {
    const found = members.find(member => member.name === field);
    if (found === undefined) throw new RangeError(`${name} has no member ${field}`);
    if (found.offset !== offset)
      throw new RangeError(`${name}.${field} lies at byte ${found.offset}, declared at ${offset}`);
  }
  if (size !== declared.size)
    throw new RangeError(`${name} is ${size} bytes long, declared ${declared.size}`);
}

const viewOf = (buffer: Uint8Array): DataView =>
  new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);

/**
 * Declares a C structure: its members in order, each with its C type. Offsets and size derive from the types as the
 * x86-64 ABI lays them out (natural alignment, or packed) and are checked, when the module loads, against the size
 * and the offsets that the source gives.
 *
 * ```ts
 * const KvmSubpageInfo = struct('kvm_subpage_info', { gfn: u64, npages: u64, access_map: u64 }, { size: 24 });
 * KvmSubpageInfo.offsets.npages;                          // 8
 * const buffer = KvmSubpageInfo.encode({ gfn: 1n, npages: 2n });
 * KvmSubpageInfo.decode(buffer).npages;                   // 2n
 * ```
 *
 * @throws RangeError from `encode` for a value that does not read back, naming the member.
 */
export function struct<const F extends Members>(
  name: string,
  fields: F,
  declared: StructOptions,
): Struct<F> {
  const packed = declared.packed ?? false;
  const { members, holes, end } = place(name, fields, packed);
  const alignment = packed ? 1 : Math.max(1, ...members.map(({ type }) => type.alignment));
  const size = roundUp(end, alignment);
  checkDeclared(name, members, size, declared);
  const last = members.at(-1);
  const tail = last?.type.tail as ((value: unknown) => number) | undefined;
  const tailOf = (values: StructInput<F>): number => {
    const value = last === undefined ? undefined : (values as Record<string, unknown>)[last.name];
    return tail === undefined || value === undefined ? 0 : tail(value);
  };

  const read = (view: DataView, at: number): StructValues<F> =>
    Object.fromEntries(
      members.map(({ name, offset, type }) => [name, type.read(view, at + offset)]),
    ) as StructValues<F>;
  const write = (view: DataView, at: number, values: StructInput<F>, path: string): void => {
    for (const key of Object.keys(values)) {
      if (!Object.hasOwn(fields, key)) throw new RangeError(`${path} has no member ${key}`);
    }
    for (const { name, offset, type } of members) {
      const value = (values as Record<string, unknown>)[name];
      const put = type.write as CType<unknown, unknown>['write'];
      if (value !== undefined) put(view, at + offset, value, `${path}.${name}`);
    }
  };

  return {
    name: `struct ${name}`,
    size,
    alignment,
    members,
    packed,
    holes: size > end && tail === undefined ? [...holes, { offset: end, size: size - end }] : holes,
    offsets: Object.fromEntries(members.map(({ name, offset }) => [name, offset])) as Struct<F>['offsets'],
    ...(tail === undefined ? {} : { tail: tailOf }),
    read,
    write,
    decode: buffer => {
      if (buffer.length < size)
        throw new RangeError(`struct ${name} is ${size} bytes long; the buffer has ${buffer.length}`);
      return read(viewOf(buffer), 0);
    },
    encode: values => {
      const buffer = new Uint8Array(Math.max(size, end + tailOf(values)));
      write(viewOf(buffer), 0, values, name);
      return buffer;
    },
  };
}
