import type { Read } from '../../evidence/records/values.ts';
import { arm64Format } from './arm64-format.ts';
import type { Arm64Implementation, CountedImplementation, X86Implementation } from './implementation.ts';
import type { JudgedCall, RecordingFormat, RecordingJudge } from './recording.ts';
import type { CallVerdict } from './verdict.ts';
import { x86Format } from './x86-format.ts';

/** A format with the implementations that it can be held against. */
type AnyFormat =
  | { readonly machine: 'x86'; readonly format: RecordingFormat<X86Implementation> }
  | { readonly machine: 'arm64'; readonly format: RecordingFormat<Arm64Implementation> };

const formats: readonly AnyFormat[] = [
  { machine: 'x86', format: x86Format },
  { machine: 'arm64', format: arm64Format },
];

/** What is known of a format before an implementation is chosen. */
export type KnownFormat = Pick<RecordingFormat<CountedImplementation>, 'schema' | 'usual' | 'machine'>;

/** The format of a recording by its first line; `undefined` where it is none. */
export function recordingFormatOf(line: string): KnownFormat | undefined {
  const value = parsed(line);
  if (typeof value !== 'object' || value === null) return undefined;
  const schema = 'schema' in value ? value.schema : undefined;
  return formats.find(({ format }) => format.schema === schema || format.isSequence(value))?.format;
}

/** What a format does with one implementation; `undefined` where it cannot be held against it. */
function opener(
  schema: string,
  implementation: CountedImplementation,
):
  | {
      readonly open: (header: unknown) => Read<RecordingJudge>;
      readonly rules: ReadonlyMap<string, readonly string[]>;
    }
  | undefined {
  const open = <I extends CountedImplementation>(format: RecordingFormat<I>, by: I) => ({
    open: (header: unknown) => format.open(header, by),
    rules: format.rules(by),
  });
  const found = formats.find(({ format }) => format.schema === schema);
  if (found?.machine === 'x86' && implementation.machine === 'x86')
    return open(found.format, implementation);
  if (found?.machine === 'arm64' && implementation.machine === 'arm64')
    return open(found.format, implementation);
  return undefined;
}

/** A call that is not simply allowed. */
export interface RecordingFinding extends JudgedCall {
  /** The line of the file, counted from 1. */
  readonly line: number;
}

export interface RecordingReport {
  readonly format: string;
  readonly implementation: string;
  readonly lines: number;
  readonly sequences: number;
  readonly unparsed: {
    readonly count: number;
    readonly first: readonly { line: number; why: string; text: string }[];
  };
  readonly summary: Readonly<Record<'events' | CallVerdict['verdict'], number>>;
  readonly coverage: {
    readonly rules: { readonly covered: number; readonly of: number };
    readonly operations: Readonly<
      Record<string, { readonly seen: Readonly<Record<string, number>>; readonly never: readonly string[] }>
    >;
  };
  /** Forbidden calls that a known fault explains, by its name. */
  readonly known: Readonly<Record<string, number>>;
  readonly forbidden: readonly RecordingFinding[];
  readonly unknown: readonly RecordingFinding[];
  /** Forbidden calls beyond those that are listed. */
  readonly more: number;
}

const maxFindings = 20;

/**
 * Holds every call of a recording against an implementation's rules.
 *
 * @throws RangeError for an implementation of another machine.
 */
export function checkRecording(
  lines: Iterable<string>,
  format: KnownFormat,
  implementation: CountedImplementation,
  { stopAtFirst = false } = {},
): RecordingReport {
  const opened = opener(format.schema, implementation);
  if (opened === undefined)
    throw new RangeError(`${format.schema} cannot be held against ${implementation.name}`);
  const checker = new RecordingChecker(format.schema, implementation.name, opened);
  for (const line of lines) {
    checker.line(line);
    if (stopAtFirst && checker.hasForbidden) break;
  }
  return checker.report();
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

class RecordingChecker {
  readonly #format: string;
  readonly #implementation: string;
  readonly #opened: NonNullable<ReturnType<typeof opener>>;
  #judge: RecordingJudge | undefined;
  #lines = 0;
  #sequences = 0;
  readonly #summary = { events: 0, allowed: 0, forbidden: 0, unknown: 0 };
  readonly #seen = new Map<string, Map<string, number>>();
  readonly #known: Record<string, number> = {};
  readonly #findings: Record<'forbidden' | 'unknown', RecordingFinding[]> = { forbidden: [], unknown: [] };
  readonly #unparsed = { count: 0, first: [] as { line: number; why: string; text: string }[] };

  constructor(format: string, implementation: string, opened: NonNullable<ReturnType<typeof opener>>) {
    this.#format = format;
    this.#implementation = implementation;
    this.#opened = opened;
  }

  get hasForbidden(): boolean {
    return this.#summary.forbidden > 0;
  }

  line(text: string): void {
    this.#lines++;
    if (text.trim() === '') return;
    const value = parsed(text);
    if (typeof value !== 'object' || value === null) return this.#notRead(text, 'not a JSON object');
    if (this.#judge === undefined || 'schema' in value) return this.#open(text, value);
    this.#sequence(text, value);
  }

  #open(text: string, value: object): void {
    const isHeader = 'schema' in value;
    const opened = this.#opened.open(isHeader ? value : undefined);
    if (!opened.ok) return this.#notRead(text, opened.why);
    this.#judge = opened.value;
    if (!isHeader) this.#sequence(text, value);
  }

  #sequence(text: string, value: object): void {
    const read = this.#judge?.line(value);
    if (read === undefined) return;
    if (!read.ok) return this.#notRead(text, read.why);
    this.#sequences++;
    for (const judged of read.value) this.#hear(judged);
  }

  #notRead(text: string, why: string): void {
    this.#unparsed.count++;
    if (this.#unparsed.first.length < 5)
      this.#unparsed.first.push({ line: this.#lines, why, text: text.slice(0, 120) });
  }

  #hear(judged: JudgedCall): void {
    const { verdict, operation, rule, known } = judged.verdict;
    this.#summary.events++;
    this.#summary[verdict]++;
    const rules = this.#seen.get(operation) ?? new Map<string, number>();
    this.#seen.set(operation, rules.set(rule.name, (rules.get(rule.name) ?? 0) + 1));
    if (known !== undefined) this.#known[known] = (this.#known[known] ?? 0) + 1;
    if (verdict === 'allowed') return;
    const kept = this.#findings[verdict];
    if (kept.length < maxFindings) kept.push({ line: this.#lines, ...judged });
  }

  report(): RecordingReport {
    const { forbidden, unknown } = this.#findings;
    return {
      format: this.#format,
      implementation: this.#implementation,
      lines: this.#lines,
      sequences: this.#sequences,
      unparsed: this.#unparsed,
      summary: this.#summary,
      coverage: this.#coverage(),
      known: this.#known,
      forbidden,
      unknown,
      more: this.#summary.forbidden - forbidden.length,
    };
  }

  #coverage(): RecordingReport['coverage'] {
    const all = [...this.#opened.rules].map(([name, rules]) => {
      const seen = this.#seen.get(name) ?? new Map<string, number>();
      return { name, of: rules.length, seen, never: rules.filter(rule => !seen.has(rule)) };
    });
    const of = all.reduce((sum, entry) => sum + entry.of, 0);
    const missed = all.reduce((sum, { never }) => sum + never.length, 0);
    return {
      rules: { covered: of - missed, of },
      operations: Object.fromEntries(
        all.map(({ name, seen, never }) => [name, { seen: Object.fromEntries(seen), never }]),
      ),
    };
  }
}
