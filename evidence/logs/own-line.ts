/**
 * Our own lines, which an implementation prints with what `oracle check --snippet` gives: anywhere in a line of any log,
 * `pagewarden: seq=12 host_share_guest vm=2 hpa=0x3000 gpa=0x8000 size=0x1000 prot=0x7 ret=0`. The grammar is strict: a
 * line that was damaged on its way is worse than none where it is read as another one.
 */

import {
  type AddressRange,
  type CallArguments,
  isOperationName,
  type OperationName,
  operations,
} from '../../model/pkvm/index.ts';
import { grantOf, idOf, kindOf, type OwnVm, rangeOf, returnOf, wordOf } from './own-values.ts';

/** What one of our lines says. */
export type OwnLine =
  | {
      readonly kind: 'hello';
      readonly ram: readonly AddressRange[];
      /** What is the hypervisor's own from the start; absent where nobody said. */
      readonly hypervisor?: readonly AddressRange[];
      readonly vms: readonly OwnVm[];
    }
  | {
      /** A call and its result; without `ret` it has begun, and `call` is the number by which its end names it. */
      readonly kind: 'call';
      readonly name: OperationName;
      readonly args: CallArguments;
      readonly ret?: number;
      readonly call?: number;
      readonly seq?: number;
    }
  | { readonly kind: 'end'; readonly call: number; readonly ret: number; readonly seq?: number }
  | {
      readonly kind: 'leaf';
      readonly table: 'host' | number;
      readonly address: bigint;
      readonly word: bigint;
      readonly seq?: number;
    };

export type OwnLineResult =
  | { readonly ok: true; readonly line: OwnLine; readonly hasSum: boolean }
  | { readonly ok: false; readonly why: string };

const marker = 'pagewarden: ';

/** What stands behind the marker, or `undefined` where there is none. */
export function ownBody(line: string): string | undefined {
  const at = line.indexOf(marker);
  if (at === -1 || /\w/.test(line.charAt(at - 1))) return undefined;
  return line.slice(at + marker.length);
}

/**
 * Whether a line looks like one of ours whose marker was damaged: it names one of our calls beside a value, or has
 * several of our keys one after the other.
 */
export const resemblesOurs = (line: string): boolean =>
  line.includes('=') &&
  (/\b(?:host|hyp|guest)_(?:un)?(?:donate|share)_(?:hyp|host|guest)\b.*=/.test(line) ||
    /(?:\b(?:seq|vm|hpa|gpa|size|prot|ret)=\S* ){3}/.test(line) ||
    /page\S?war\S?den\W/i.test(line));

type Pairs = ReadonlyMap<string, string>;

/** The checksum of a line's text, FNV-1a in 32 bits, as the snippet computes it. */
export function sumOf(text: string): number {
  let sum = 0x811c_9dc5;
  for (let at = 0; at < text.length; at++) sum = Math.imul(sum ^ text.charCodeAt(at), 0x0100_0193);
  return sum >>> 0;
}

const fail = (why: string): OwnLineResult => ({ ok: false, why });

/** What a line says without its sum; a sentence where the sum is not that of the line. */
export function withoutSum(body: string): { readonly said: string; readonly hasSum: boolean } | string {
  const text = body.trimEnd();
  const at = text.lastIndexOf(' sum=');
  if (at === -1) return { said: text, hasSum: false };
  const sum = /^0x([0-9a-f]{8})$/.exec(text.slice(at + 5));
  if (sum?.[1] === undefined) return 'sum= is not a sum of eight digits';
  const said = text.slice(0, at);
  return Number.parseInt(sum[1], 16) === sumOf(said) ? { said, hasSum: true } : 'its sum is another one';
}

/** Reads what stands behind the marker. */
export function readOwnLine(body: string): OwnLineResult {
  const found = withoutSum(body);
  return typeof found === 'string' ? fail(found) : readText(found.said, found.hasSum);
}

function readText(text: string, hasSum: boolean): OwnLineResult {
  let name: string | undefined;
  const pairs = new Map<string, string>();
  const ranges: [key: string, value: string][] = [];
  for (let start = 0, end: number; start < text.length; start = end + 1) {
    end = text.indexOf(' ', start);
    if (end === -1) end = text.length;
    if (end === start) continue;
    const equals = text.indexOf('=', start);
    if (equals === -1 || equals > end) {
      const word = text.slice(start, end);
      if (name !== undefined) return fail(`two names: ${quoted(name)} and ${quoted(word)}`);
      name = word;
      continue;
    }
    const key = text.slice(start, equals);
    const value = text.slice(equals + 1, end);
    if (name === 'hello') ranges.push([key, value]);
    else if (pairs.has(key)) return fail(`${quoted(key)} is given twice`);
    else pairs.set(key, value);
  }
  const line = readNamed(name, pairs, ranges);
  return typeof line === 'string' ? fail(line) : { ok: true, line, hasSum };
}

const quoted = (text: string): string => JSON.stringify(text.slice(0, 40));

function readNamed(
  name: string | undefined,
  pairs: Pairs,
  said: readonly (readonly [string, string])[],
): OwnLine | string {
  if (name === 'hello') return pairs.size > 0 ? 'hello comes before what it says' : helloLine(said);
  if (name === undefined) return pairs.has('end') ? endLine(pairs) : 'the name of a call is missing';
  if (name === 'leaf') return leafLine(pairs);
  return isOperationName(name) ? callLine(name, pairs) : `no call is named ${quoted(name)}`;
}

export function helloLine(
  said: readonly (readonly [string, string])[],
): Extract<OwnLine, { kind: 'hello' }> | string {
  const ram: AddressRange[] = [];
  const hypervisor: AddressRange[] = [];
  const vms: OwnVm[] = [];
  for (const [key, value] of said) {
    if (key === 'vm') {
      const vm = kindOf(value);
      if (typeof vm === 'string') return vm;
      if (vms.some(({ id }) => id === vm.id)) return `vm=${vm.id} is given twice`;
      vms.push(vm);
    } else if (key === 'ram' || key === 'hyp') {
      const range = rangeOf(value);
      if (range === undefined) return `${key}=${quoted(value)}: expected START-END such as 0x0-0x200000`;
      (key === 'ram' ? ram : hypervisor).push(range);
    } else return `hello has no ${quoted(key)}: it has ram=, hyp= and vm=`;
  }
  return { kind: 'hello', ram, vms, ...(hypervisor.length === 0 ? {} : { hypervisor }) };
}

const callKeys = new Set(['seq', 'begin', 'vm', 'hpa', 'gpa', 'size', 'prot', 'ret']);

function numbered(pairs: Pairs): { readonly seq?: number } | string {
  const text = pairs.get('seq');
  if (text === undefined) return {};
  const seq = idOf(text);
  return seq === undefined ? `seq=${quoted(text)} is not a number` : { seq };
}

/** Arguments that an operation does not have are printed as 0 and passed over, but they are read. */
function callLine(name: OperationName, pairs: Pairs): OwnLine | string {
  for (const key of pairs.keys()) if (!callKeys.has(key)) return `a call has no ${quoted(key)}`;
  const seq = numbered(pairs);
  if (typeof seq === 'string') return seq;
  const begin = pairs.get('begin');
  const call = begin === undefined ? undefined : idOf(begin);
  if (begin !== undefined && call === undefined) return `begin=${quoted(begin)} is not a number`;
  const text = pairs.get('ret');
  const ret = text === undefined ? undefined : returnOf(text);
  if ((text === undefined) !== (begin !== undefined))
    return begin === undefined ? 'ret= is missing' : 'a call that begins has no ret= yet';
  if (text !== undefined && ret === undefined) return `ret=${quoted(text)} is not a number`;
  const args = argumentsOf(name, pairs);
  if (typeof args === 'string') return args;
  return {
    kind: 'call',
    name,
    args,
    ...seq,
    ...(ret === undefined ? {} : { ret }),
    ...(call === undefined ? {} : { call }),
  };
}

function argumentsOf(name: OperationName, pairs: Pairs): CallArguments | string {
  const { names, needs } = operations[name];
  const read: Record<'hpa' | 'gpa' | 'size', bigint | undefined> = {
    hpa: undefined,
    gpa: undefined,
    size: undefined,
  };
  for (const key of ['hpa', 'gpa', 'size'] as const) {
    const text = pairs.get(key);
    if (text === undefined) continue;
    read[key] = wordOf(text);
    if (read[key] === undefined) return `${key}=${quoted(text)} is not a hex number such as 0x3000`;
  }
  const vmText = pairs.get('vm');
  const vm = vmText === undefined ? undefined : idOf(vmText);
  if (vmText !== undefined && vm === undefined) return `vm=${quoted(vmText)} is not an id`;
  const protText = pairs.get('prot');
  const prot = protText === undefined ? undefined : grantOf(protText);
  if (protText !== undefined && prot === undefined) return `prot=${quoted(protText)} is not 0x0 to 0x7`;
  const { hpa, gpa, size } = read;
  if (size === undefined) return 'size= is missing';
  if (names !== 'gpa' && hpa === undefined) return 'hpa= is missing';
  if (names !== 'hpa' && (gpa === undefined || vm === undefined))
    return `${gpa === undefined ? 'gpa' : 'vm'}= is missing`;
  return {
    size,
    ...(names === 'gpa' || hpa === undefined ? {} : { hpa }),
    ...(names === 'hpa' || gpa === undefined || vm === undefined ? {} : { gpa, vm }),
    ...(needs === undefined || prot === undefined ? {} : { prot }),
  };
}

function endLine(pairs: Pairs): OwnLine | string {
  const [end, ret] = [pairs.get('end') ?? '', pairs.get('ret') ?? ''];
  const seq = numbered(pairs);
  if (typeof seq === 'string') return seq;
  const [call, result] = [idOf(end), returnOf(ret)];
  if (pairs.size !== 2 + Number('seq' in seq))
    return 'the end of a call has end= and ret=, and nothing else';
  if (call === undefined) return `end=${quoted(end)} is not a number`;
  if (result === undefined) return `ret=${quoted(ret)} is not a number`;
  return { kind: 'end', call, ret: result, ...seq };
}

/** `leaf table=0 address=0x3000 word=0x…`: table 0 is the host EPT, any other the table of the guest with this id. */
function leafLine(pairs: Pairs): OwnLine | string {
  const [table, address, word] = [pairs.get('table'), pairs.get('address'), pairs.get('word')];
  const seq = numbered(pairs);
  if (typeof seq === 'string') return seq;
  if (
    pairs.size !== 3 + Number('seq' in seq) ||
    table === undefined ||
    address === undefined ||
    word === undefined
  )
    return 'a leaf has table=, address= and word=, and nothing else';
  const [id, at, value] = [idOf(table), wordOf(address), wordOf(word)];
  if (id === undefined) return `table=${quoted(table)} is not an id`;
  if (at === undefined || value === undefined) return 'address= and word= are hex numbers such as 0x3000';
  if (at % 4096n !== 0n) return `address=${quoted(address)} is not that of a page`;
  return { kind: 'leaf', table: id === 0 ? 'host' : id, address: at, word: value, ...seq };
}
