/**
 * Our own line for calls, which no existing log prints: anywhere in a line of any log,
 * `pagewarden: seq=12 host_share_guest vm=2 hpa=0x3000 gpa=0x8000 size=0x1000 prot=0x7 ret=0`, and once at the start
 * `pagewarden: hello ram=0x0-0x200000 vm=2:protected vm=3:normal`.
 */

import { operationNames } from '../../model/pkvm/index.ts';

/** A request as it would stand in a canonical trace. */
export type CanonicalLine = Readonly<Record<string, unknown>>;

const isCall = new Set<string>(operationNames);
const marker = /\bpagewarden: (.*)$/;

/** What stands behind the marker, or `undefined` where there is none. */
export const printkBody = (line: string): string | undefined => marker.exec(line)?.[1];

/** Reads the body; a sentence where it is not one of ours. */
export function readPrintk(body: string): CanonicalLine | string {
  const words = body.trim().split(/\s+/);
  const pairs = new Map<string, string[]>();
  const names: string[] = [];
  for (const word of words) {
    const [key = '', value] = word.split('=', 2);
    if (value === undefined) names.push(word);
    else pairs.set(key, [...(pairs.get(key) ?? []), value]);
  }
  const [name] = names;
  if (names.length !== 1 || name === undefined) return 'expected one name of a call and key=value pairs';
  if (name === 'hello') return helloLine(pairs);
  return isCall.has(name) ? callLine(name, pairs) : `no call is named ${name.slice(0, 40)}`;
}

function helloLine(pairs: ReadonlyMap<string, readonly string[]>): CanonicalLine {
  const ram = (pairs.get('ram') ?? []).map(range => range.split('-', 2));
  const vms = (pairs.get('vm') ?? []).map(vm => {
    const [id, kind = 'any'] = vm.split(':', 2);
    return { id: Number(id), kind };
  });
  return { op: 'hello', ...(ram.length === 0 ? {} : { ram }), ...(vms.length === 0 ? {} : { vms }) };
}

const grants: Readonly<Record<string, string>> = {
  '0x0': '---',
  '0x1': 'r--',
  '0x2': '-w-',
  '0x3': 'rw-',
  '0x4': '--x',
  '0x5': 'r-x',
  '0x6': '-wx',
  '0x7': 'rwx',
};

/** Values are strings in the log; numbers where the protocol wants numbers. The schema judges them. */
function callLine(name: string, pairs: ReadonlyMap<string, readonly string[]>): CanonicalLine {
  const get = (key: string): string | undefined => pairs.get(key)?.[0];
  const isNamed = !name.startsWith('host_donate_hyp') && !name.startsWith('hyp_');
  const number = (key: string): Record<string, number> => {
    const value = get(key);
    return value === undefined ? {} : { [key]: Number(value) };
  };
  const text = (key: string): Record<string, string> => {
    const value = get(key);
    return value === undefined ? {} : { [key]: value };
  };
  const prot = get('prot');
  return {
    op: 'call',
    name,
    ...number('seq'),
    ...(isNamed ? { ...number('vm'), ...text('gpa') } : {}),
    ...(name.startsWith('guest_') ? {} : text('hpa')),
    ...text('size'),
    ...(prot === undefined || !name.match(/^host_(?:share|donate)_guest$/)
      ? {}
      : { prot: grants[prot] ?? prot }),
    ...number('ret'),
  };
}

/** The C to paste into the implementation, so that its calls appear in the log. */
export const printkSnippet = `/*
 * Paste into the file that implements the page-state API and call it at the end of each function, while the lock of
 * the host EPT is still held, so that "seq" is the order of the calls. vm, gpa and prot are 0 where there are none.
 *
 *     int __pkvm_host_share_guest(u64 hpa, struct pkvm_pgtable *pgt, u64 gpa, u64 size, u64 prot)
 *     {
 *             ...
 *             pagewarden_log("host_share_guest", vm, hpa, gpa, size, prot, ret);
 *
 * Once, when protection is finalised: pagewarden_hello(start, end) with the RAM.
 */
static u64 pagewarden_seq;

#define pagewarden_hello(ram_start, ram_end) \\
	trace_printk("pagewarden: hello ram=0x%llx-0x%llx\\n", (u64)(ram_start), (u64)(ram_end))

#define pagewarden_log(name, vm, hpa, gpa, size, prot, ret)                                        \\
	trace_printk("pagewarden: seq=%llu " name " vm=%d hpa=0x%llx gpa=0x%llx size=0x%llx"       \\
		     " prot=0x%llx ret=%d\\n",                                                      \\
		     ++pagewarden_seq, (int)(vm), (u64)(hpa), (u64)(gpa), (u64)(size),             \\
		     (u64)(prot) & 7, (int)(ret))
`;
