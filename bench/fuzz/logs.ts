import { addressHex } from '../../model/bits/index.ts';
import { sumOf } from '../../evidence/logs/own-line.ts';
import { normative } from '../../oracle/implementations/index.ts';
import { checkTrace, type TraceReport } from '../../oracle/trace/index.ts';
import { LineCutter, type TextLine } from '../../evidence/lines.ts';
import { Implementation, randomCall, smallWorld } from '../../test/arbitraries/pkvm-implementation.ts';
import { damages, type Random } from './damage.ts';

const protBits = ({ read, write, execute }: { read: boolean; write: boolean; execute: boolean }): number =>
  (read ? 1 : 0) | (write ? 2 : 0) | (execute ? 4 : 0);

/** A log of calls of the specification in the snippet's form, one of them with a result that it may not have. */
function forbiddenLog(
  random: Random,
  isNumbered: boolean,
): { readonly text: string; readonly forbiddenLine: number } {
  const world = smallWorld();
  const implementation = new Implementation(world);
  const calls = 8 + Math.floor(random() * 12);
  const wrong = Math.floor(random() * (calls - 3));
  const said = ['hello ram=0x3000-0x7000 vm=2:protected vm=3:normal'];
  for (let at = 0; at < calls; at++) {
    const named = randomCall(world, random);
    const { hpa = 0n, vm = 0, gpa = 0n, size, prot } = named.args;
    const ret = implementation.call(named);
    const told = at === wrong ? (ret === 0 ? -22 : 0) : ret;
    said.push(
      `${named.name} vm=${vm} hpa=${addressHex(hpa)} gpa=${addressHex(gpa)} size=${addressHex(size)} prot=0x${prot === undefined ? 0 : protBits(prot)} ret=${told}`,
    );
    if (at === wrong) break;
  }
  // what follows is another machine's life: of it only that something follows matters
  for (let more = 0; more < 3; more++)
    said.push('host_donate_hyp vm=0 hpa=0x3800 gpa=0x0 size=0x1000 prot=0x0 ret=-22');
  const text = said
    .map((line, seq) => (seq === 0 || !isNumbered ? line : `seq=${seq} ${line}`))
    .map((line, at) => {
      const time = `100.${String(at).padStart(6, '0')}`;
      return ` q-1 [003] d..1. ${time}: f: pagewarden: ${line}${isNumbered ? ` sum=0x${sumOf(line).toString(16).padStart(8, '0')}` : ''}\n`;
    })
    .join('');
  return { text, forbiddenLine: wrong + 2 };
}

/** The lines of a text as the command reads them: the last one may have no end. */
export function linesOf(text: string): TextLine[] {
  const cutter = new LineCutter();
  return [...cutter.push(new TextEncoder().encode(text)), ...cutter.end()];
}

const judged = (text: string): TraceReport => checkTrace(linesOf(text), { implementation: normative });

/** Whether a report would end the command with 0: the one thing that damage must never bring about. */
const isGreen = ({ summary, damaged, limits, unparsed }: TraceReport): boolean =>
  summary.forbidden + damaged + limits.length + summary.unknown + unparsed.count === 0 &&
  summary.allowed > 0;

/**
 * What is wrong with the verdict on a damaged log, if anything is.
 *
 * @param isNumbered whether each line has its number and its sum; without them damage cannot always be noticed
 */
export function greener(
  random: Random,
  isNumbered = true,
): { readonly why: string; readonly input: string } | undefined {
  const { text, forbiddenLine } = forbiddenLog(random, isNumbered);
  if (judged(text).summary.forbidden === 0) return { why: 'the log itself is not forbidden', input: text };
  const names = Object.keys(damages);
  const name = names[Math.floor(random() * names.length)] ?? '';
  const input = damages[name]?.(text, random) ?? text;
  // nobody can know that whole lines are missing at the end
  const isWholePrefix = text.startsWith(input) && (input === '' || input.endsWith('\n'));
  if (isWholePrefix && input.split('\n').length <= forbiddenLine) return undefined;
  return isGreen(judged(input)) ? { why: `${name}: the verdict is green`, input } : undefined;
}
