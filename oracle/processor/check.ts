import {
  type IntelMachineEnd,
  type IntelMachineHeader,
  intelMachineSchema,
  readIntelMachineHeader,
  readIntelMachineLine,
} from '../../evidence/records/intel-machine.ts';
import { normative } from '../../model/ept/index.ts';
import { cpuOf } from './expected.ts';
import { type DifferenceGroup, groupsOf, judgeEntry, type JudgedEntry } from './explain.ts';

/** What came of holding a processor's record against the specification. */
export interface ProcessorReport {
  readonly processor: IntelMachineHeader | undefined;
  readonly entries: number;
  readonly agree: number;
  readonly groups: readonly DifferenceGroup[];
  readonly unparsed: readonly { readonly line: number; readonly why: string }[];
  /** What the test hypervisor itself said. */
  readonly problems: readonly string[];
  /** `undefined` where the record breaks off. */
  readonly end: IntelMachineEnd | undefined;
}

/** Whether a line is the first of such a record. Other text may stand before it: an emulator greets. */
export const isProcessorRecord = (line: string): boolean =>
  line.includes(`"schema":"${intelMachineSchema}"`);

/** Holds what a processor did against the specification, and says why it differs. */
export function checkProcessor(lines: Iterable<string>): ProcessorReport {
  const reader = new RecordReader();
  for (const line of lines) reader.line(line);
  return reader.report();
}

class RecordReader {
  #line = 0;
  #processor: IntelMachineHeader | undefined;
  #end: IntelMachineEnd | undefined;
  readonly #judged: JudgedEntry[] = [];
  readonly #unparsed: { line: number; why: string }[] = [];
  readonly #problems: string[] = [];

  line(text: string): void {
    this.#line++;
    // what an emulator or a firmware prints beside the record is no line of it
    if (!text.startsWith('{')) return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.#notRead('not JSON: a line that was cut short, or two in one');
    }
    if (typeof value !== 'object' || value === null) return this.#notRead('not an object');
    if (this.#processor === undefined) return this.#open(value);
    const read = readIntelMachineLine(value);
    if (!read.ok) return this.#notRead(read.why);
    if (read.value.is === 'end') this.#end = read.value.end;
    else if (read.value.is === 'problem') this.#problems.push(read.value.error);
    else {
      const { entry } = read.value;
      const cpu = cpuOf(this.#processor, entry);
      this.#judged.push(judgeEntry(this.#line, entry, cpu, { walk: normative, shortcuts: [] }));
    }
  }

  #open(value: object): void {
    const read = readIntelMachineHeader(value);
    if (read.ok) this.#processor = read.value;
    else this.#notRead(read.why);
  }

  #notRead(why: string): void {
    this.#unparsed.push({ line: this.#line, why });
  }

  report(): ProcessorReport {
    const differing = this.#judged.filter(({ differences }) => differences.length > 0);
    const agreeing = this.#judged.filter(({ differences }) => differences.length === 0);
    return {
      processor: this.#processor,
      entries: this.#judged.length,
      agree: agreeing.length,
      groups: groupsOf(differing, agreeing),
      unparsed: this.#unparsed,
      problems: this.#problems,
      end: this.#end,
    };
  }
}
