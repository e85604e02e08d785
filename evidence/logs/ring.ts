/**
 * The ring of binary records that the C of `oracle check --snippet ring` writes, as lines of a log: 64 bytes a record,
 * little-endian, behind `pagewarden ring` and two counts.
 */

const magic = 'pagewarden ring\0';
const headSize = 24;
const recordSize = 64;

/** One record, by the fields of the C. */
interface RingRecord {
  readonly number: bigint;
  readonly kind: number;
  readonly name: number;
  readonly vm: number;
  readonly ret: number;
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
  readonly prot: number;
  readonly call: bigint;
}

function recordAt(view: DataView, at: number): RingRecord {
  const word = (offset: number): bigint => view.getBigUint64(at + offset, true);
  return {
    number: word(0),
    kind: view.getUint32(at + 8, true),
    name: view.getUint32(at + 12, true),
    vm: view.getInt32(at + 16, true),
    ret: view.getInt32(at + 20, true),
    a: word(24),
    b: word(32),
    c: word(40),
    prot: view.getUint32(at + 48, true),
    call: word(56),
  };
}

/** Where the ring begins in a dump; `undefined` where there is none. */
function ringIn(bytes: Uint8Array): number | undefined {
  const wanted = [...magic].map(character => character.charCodeAt(0));
  for (let at = 0; at + headSize <= bytes.length; at += 8)
    if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  return undefined;
}

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The lines that a ring tells, in order; a sentence where the bytes are none. `names` are the calls, by number. */
export function ringLines(bytes: Uint8Array, names: readonly string[]): readonly string[] | string {
  const start = ringIn(bytes);
  if (start === undefined) return 'no ring of records: "pagewarden ring" stands nowhere in it';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records = view.getUint32(start + 16, true);
  const size = view.getUint32(start + 20, true);
  if (size !== recordSize) return `records of ${size} bytes; ${recordSize} are read`;
  const end = start + headSize + records * recordSize;
  if (end > bytes.length)
    return `the ring has ${records} records, of which the file holds ${Math.floor((bytes.length - start - headSize) / recordSize)}`;
  const written: RingRecord[] = [];
  for (let at = start + headSize; at < end; at += recordSize) {
    const record = recordAt(view, at);
    if (record.number !== 0n) written.push(record);
  }
  written.sort((one, other) => (one.number < other.number ? -1 : 1));
  return [...linesOf(written, names)];
}

function* linesOf(records: readonly RingRecord[], names: readonly string[]): Generator<string> {
  let expected = 1n;
  let hello: string | undefined;
  for (const record of records) {
    if (record.kind === 2 && hello !== undefined && record.number === expected) {
      hello += ` vm=${record.vm}${record.ret < 0 ? '' : record.ret === 1 ? ':protected' : ':normal'}`;
      expected++;
      continue;
    }
    if (hello !== undefined) yield hello;
    hello = undefined;
    if (record.number !== expected) yield `CPU:0 [LOST ${record.number - expected} EVENTS]`;
    expected = record.number + 1n;
    if (record.kind === 1) hello = helloOf(record);
    else yield lineOf(record, names);
  }
  if (hello !== undefined) yield hello;
}

const helloOf = ({ a, b, c, call }: RingRecord): string =>
  `pagewarden: hello ram=${hex(a)}-${hex(b)}${call > c ? ` hyp=${hex(c)}-${hex(call)}` : ''}`;

/** What nobody can read says so: whoever reads the line takes it for one of ours that is damaged. */
function lineOf(
  { kind, name, vm, ret, a, b, c, prot, call }: RingRecord,
  names: readonly string[],
): string {
  const named = names[name] ?? `call_${name}`;
  const bytes = `vm=${vm} hpa=${hex(a)} gpa=${hex(b)} size=${hex(c)} prot=0x${prot.toString(16)}`;
  switch (kind) {
    case 3:
      return `pagewarden: ${named} ${bytes} ret=${ret}`;
    case 4:
      return `pagewarden: begin=${call} ${named} ${bytes}`;
    case 5:
      return `pagewarden: end=${call} ret=${ret}`;
    case 6:
      return `pagewarden: leaf table=${vm} address=${hex(a)} word=${hex(b)}`;
    case 7:
      return `pagewarden: ${named} vm=${vm} pfn=${hex(a)} gfn=${hex(b)} nr=${hex(c)} prot=0x${prot.toString(16)} ret=${ret}`;
    default:
      return `pagewarden: record_of_kind_${kind}`;
  }
}
