import {
  cpuWith,
  EptMemoryType,
  Eptp,
  guestAccess,
  readings,
  rulesWith,
  translate,
} from '../../../model/ept/index.ts';
import { sparseMemory } from '../../../model/memory/index.ts';
import { normative } from '../../../oracle/implementations/index.ts';
import { checkTrace, type TraceReport } from '../../../oracle/trace/index.ts';
import { agreementOf, type TableAgreement, TracedTable } from '../../../oracle/trace/kvm-table.ts';

/** One life of KVM: its trace, its EPT afterwards, and which page backs which. */
export interface KvmRun {
  readonly parameters: string;
  readonly trace: readonly string[];
  readonly tables: ReadonlyMap<bigint, bigint>;
  readonly backing: readonly { readonly gpa: bigint; readonly hpa: bigint }[];
}

/** The runs in what our program printed. @throws Error where it failed or never ended */
export function runsIn(lines: readonly string[]): readonly KvmRun[] {
  const failed = lines.find(line => line.startsWith('# failed'));
  if (failed !== undefined) throw new Error(`the program on the machine: ${failed.slice(2)}`);
  if (!lines.some(line => line.startsWith('# done'))) throw new Error('the kernel never got to the end');
  const starts = lines.flatMap((line, at) => (line.startsWith('# run') ? [at] : []));
  return starts.map((start, at) => runOf(lines.slice(start, starts[at + 1])));
}

function runOf([first = '', ...lines]: readonly string[]): KvmRun {
  const between = (what: string): readonly string[] =>
    lines.slice(lines.indexOf(`# ${what} begin`) + 1, lines.indexOf(`# ${what} end`));
  const tables = between('tables').flatMap(line => {
    const [, address, one, other] = /^([0-9a-f]{16}): 0x([0-9a-f]+) 0x([0-9a-f]+)$/.exec(line) ?? [];
    if (address === undefined) return [];
    const at = BigInt(`0x${address}`);
    return [[at, BigInt(`0x${one}`)] as const, [at + 8n, BigInt(`0x${other}`)] as const];
  });
  const backing = lines.flatMap(line => {
    const [, gpa, hpa] = /^# backing gpa (0x[0-9a-f]+) hpa (0x[0-9a-f]+)$/.exec(line) ?? [];
    return gpa === undefined || hpa === undefined ? [] : [{ gpa: BigInt(gpa), hpa: BigInt(hpa) }];
  });
  return {
    parameters: first.slice('# run '.length),
    trace: between('trace'),
    tables: new Map(tables),
    backing,
  };
}

/** What the specification says of one life of KVM. */
export interface KvmVerdict {
  readonly parameters: string;
  /** Exits for the EPT, each held against the whole walk over the words that the trace told of. */
  readonly exits: number;
  readonly agree: number;
  /** Those that agree under the reading that this emulator is known for. */
  readonly known: number;
  readonly different: readonly string[];
  readonly table: TableAgreement;
  /** Pages whose walk over memory ends where the kernel says that they lie. */
  readonly pages: { readonly right: number; readonly of: number };
  readonly oracle: TraceReport['summary'];
  readonly notUnderstood: number;
}

const known = rulesWith(readings.filter(({ name }) => name === 'page-walk-write-bit-only'));
const maxphyaddr = 40;

export function verdictOnRun({ parameters, trace, tables, backing }: KvmRun): KvmVerdict {
  const processor = {
    maxphyaddr,
    accessedDirty: !parameters.includes('eptad=0'),
    capabilities: { advEptInfo: false },
  };
  const [asSpecified, asKnown] = [new TracedTable(processor), new TracedTable(processor, known)];
  for (const line of trace) {
    asSpecified.line(line);
    asKnown.line(line);
  }
  const wrong = asSpecified.exits.filter(({ agrees }) => !agrees);
  const explained = new Set(asKnown.exits.filter(({ agrees }) => agrees).map(({ line }) => line));
  const report = checkTrace(trace, { implementation: normative });
  return {
    parameters,
    exits: asSpecified.exits.length,
    agree: asSpecified.exits.length - wrong.length,
    known: wrong.filter(({ line }) => explained.has(line)).length,
    different: wrong
      .filter(({ line }) => !explained.has(line))
      .map(({ line, reason, outcome }) => `line ${line}: ${reason}, the walk says ${outcome.kind}`),
    table: agreementOf(asSpecified, address => tables.get(address)),
    pages: pagesOf(tables, backing, asSpecified.root ?? 0n),
    oracle: report.summary,
    notUnderstood: report.unparsed.count,
  };
}

/** The walk over memory, held against what the kernel itself says of where pages lie. */
function pagesOf(
  tables: ReadonlyMap<bigint, bigint>,
  backing: KvmRun['backing'],
  table: bigint,
): KvmVerdict['pages'] {
  const eptp = { memoryType: EptMemoryType.WB, walkLengthMinusOne: 3, accessedDirty: true, table };
  const cpu = cpuWith({ eptp: Eptp.encode(eptp), maxPhysicalAddressWidth: maxphyaddr });
  const right = backing.filter(({ gpa, hpa }) => {
    const outcome = translate(sparseMemory(tables, 'zero'), cpu, guestAccess('read', gpa));
    return outcome.kind === 'allowed' && outcome.hpa === hpa;
  });
  return { right: right.length, of: backing.length };
}

/** Whether everything is as specified, or known. */
export const isRight = ({ different, table, pages, oracle, notUnderstood, exits }: KvmVerdict): boolean =>
  exits > 0 &&
  different.length === 0 &&
  table.different.length === 0 &&
  pages.right === pages.of &&
  oracle.forbidden + oracle.unknown === 0 &&
  notUnderstood === 0;

export function* kvmLines(verdict: KvmVerdict): Generator<string> {
  const { parameters, exits, agree, known: explained, different, table, pages, oracle } = verdict;
  yield `KVM ${parameters === '' ? 'as it is loaded' : `with ${parameters}`}: ${exits} exits for the EPT, ${agree} as the whole walk over the trace's words says, ${explained} as is known of this emulator (page-walk-write-bit-only), ${different.length} otherwise`;
  for (const line of different) yield `  ${line}`;
  yield `  its table: ${table.equal} words equal in trace and memory, ${table.flagsOnly} but for flags, ${table.different.length} different; ${pages.right} of ${pages.of} pages where the kernel says`;
  yield `  oracle check: ${oracle.events} events, ${oracle.allowed} allowed, ${oracle.forbidden} forbidden, ${oracle.unknown} unknown; ${verdict.notUnderstood} lines not understood`;
}
