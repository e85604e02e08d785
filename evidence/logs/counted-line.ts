/**
 * Our own lines of code that counts: the same grammar as `own-line.ts`, with more calls and more keys,
 * `pagewarden: seq=12 host_use_dma vm=0 hpa=0x3000 gpa=0x0 size=0x1000 prot=0x0 ret=0`. Which of the values a call
 * takes is for whoever holds it against an implementation to say.
 */

import { arm64OperationNames } from '../../model/pkvm/counted/arm64/index.ts';
import { BUG, countedOperationNames } from '../../model/pkvm/counted/index.ts';
import { helloLine, type OwnLine, withoutSum } from './own-line.ts';
import { idOf, returnOf, wordOf } from './own-values.ts';

/** The numbers of a line, by its keys. */
export type CountedValues = Readonly<Record<string, bigint>>;

/** What one of our lines says. */
export type CountedLine =
  | Extract<OwnLine, { kind: 'hello' }>
  | {
      /** A call and its result; without `ret` it has begun, and `call` is the number by which its end names it. */
      readonly kind: 'call';
      readonly name: string;
      readonly values: CountedValues;
      readonly ret?: number | typeof BUG;
      readonly call?: number;
      readonly seq?: number;
    }
  | {
      readonly kind: 'end';
      readonly call: number;
      readonly ret: number | typeof BUG;
      readonly seq?: number;
    }
  | {
      readonly kind: 'leaf';
      readonly table: 'host' | number;
      readonly values: CountedValues;
      readonly seq?: number;
    }
  | { readonly kind: 'record'; readonly values: CountedValues; readonly seq?: number };

export type CountedLineResult =
  | { readonly ok: true; readonly line: CountedLine; readonly hasSum: boolean }
  | { readonly ok: false; readonly why: string };

const names: ReadonlySet<string> = new Set([...countedOperationNames, ...arm64OperationNames]);
/** Keys whose values are hexadecimal, and those whose values are decimal. */
const words = new Set(['hpa', 'gpa', 'size', 'prot', 'pfn', 'gfn', 'nr', 'phys', 'address', 'word']);
const numbers = new Set([
  'vm',
  'min',
  'mkold',
  'clear',
  'writable',
  'memcache',
  'pool',
  'need',
  'level',
  'table',
]);

const quoted = (text: string): string => JSON.stringify(text.slice(0, 40));

/** Reads what stands behind the marker. */
export function readCountedLine(body: string): CountedLineResult {
  const found = withoutSum(body);
  if (typeof found === 'string') return { ok: false, why: found };
  const line = readSaid(found.said.split(' ').filter(word => word !== ''));
  return typeof line === 'string' ? { ok: false, why: line } : { ok: true, line, hasSum: found.hasSum };
}

function readSaid(said: readonly string[]): CountedLine | string {
  const isName = (word: string): boolean => !word.includes('=');
  const [name, second] = said.filter(isName);
  if (second !== undefined) return `two names: ${quoted(name ?? '')} and ${quoted(second)}`;
  const pairs = said
    .filter(word => !isName(word))
    .map((word): [string, string] => [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]);
  if (name === 'hello') return helloLine(pairs);
  const twice = pairs.find(([key], at) => pairs.findIndex(([other]) => other === key) !== at);
  if (twice !== undefined) return `${quoted(twice[0])} is given twice`;
  const read = valuesOf(pairs);
  return typeof read === 'string' ? read : lineOf(name, read);
}

interface Said {
  readonly values: CountedValues;
  readonly ret?: number | typeof BUG;
  /** `seq`, `begin` and `end`. */
  readonly numbers: Readonly<Partial<Record<string, number>>>;
}

function valuesOf(pairs: readonly (readonly [string, string])[]): Said | string {
  const values: Record<string, bigint> = {};
  const places: Record<string, number> = {};
  let ret: Said['ret'];
  for (const [key, text] of pairs) {
    if (key === 'ret') {
      ret = text === BUG ? BUG : returnOf(text);
      if (ret === undefined) return `ret=${quoted(text)} is not a number, nor BUG`;
    } else if (words.has(key)) {
      const value = wordOf(text);
      if (value === undefined) return `${key}=${quoted(text)} is not a hex number such as 0x3000`;
      values[key] = value;
    } else if (numbers.has(key) || ['seq', 'begin', 'end'].includes(key)) {
      const value = idOf(text);
      if (value === undefined) return `${key}=${quoted(text)} is not a number`;
      if (numbers.has(key)) values[key] = BigInt(value);
      else places[key] = value;
    } else return `a call has no ${quoted(key)}`;
  }
  return { values, numbers: places, ...(ret === undefined ? {} : { ret }) };
}

function lineOf(name: string | undefined, { values, ret, numbers: places }: Said): CountedLine | string {
  const { seq: number, begin, end } = places;
  const seq = number === undefined ? {} : { seq: number };
  if (name === undefined) {
    if (end === undefined) return 'the name of a call is missing';
    return ret === undefined ? 'the end of a call has a ret=' : { kind: 'end', call: end, ret, ...seq };
  }
  if (name === 'leaf' || name === 'record') return placeLine(name, values, seq);
  if (!names.has(name)) return `no call is named ${quoted(name)}`;
  if ((ret === undefined) !== (begin !== undefined))
    return begin === undefined ? 'ret= is missing' : 'a call that begins has no ret= yet';
  return {
    kind: 'call',
    name,
    values,
    ...(ret === undefined ? {} : { ret }),
    ...(begin === undefined ? {} : { call: begin }),
    ...seq,
  };
}

/** `leaf table=0 address=0x3000 word=0x…` and `record address=0x3000 word=0x…`; table 0 is the host's. */
function placeLine(
  kind: 'leaf' | 'record',
  values: CountedValues,
  seq: { readonly seq?: number },
): CountedLine | string {
  const { address, word, table } = values;
  if (address === undefined || word === undefined) return `a ${kind} has address= and word=`;
  if (address % 4096n !== 0n) return 'address= is not that of a page';
  if (kind === 'record') return { kind, values, ...seq };
  if (table === undefined) return 'a leaf has table=, address= and word=';
  return { kind, table: table === 0n ? 'host' : Number(table), values, ...seq };
}
