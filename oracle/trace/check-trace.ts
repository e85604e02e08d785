import type { Implementation } from '../implementations/index.ts';
import { KvmChecker } from './kvm-checker.ts';
import { type Coverage, type Heard, type Summary, Tally } from '../conversation/index.ts';
import { Session } from '../protocol/session.ts';
import type { Candidates, Machine, NamedCall, OracleEvent, Verdict } from '../step/index.ts';
import { type ImplementationReading, explainImplementations } from './explain-implementations.ts';
import { type Reproduction, reproduce } from './reproduction.ts';
import { formatOf, readTraceLine, type TraceFormat, type TraceItem } from './trace-line.ts';

/** One event that is not simply allowed. */
export interface Finding {
  /** Counted from 1. */
  readonly line: number;
  readonly text: string;
  readonly verdict: Verdict;
  readonly reproduction?: Reproduction;
  readonly implementations?: readonly ImplementationReading[];
}

export interface TraceReport {
  readonly format: TraceFormat;
  readonly lines: number;
  /** Lines that tell of something of which nothing is checked. */
  readonly passed: number;
  readonly unparsed: {
    readonly count: number;
    readonly first: readonly { line: number; why: string; text: string }[];
  };
  readonly summary: Summary;
  readonly coverage: Coverage;
  readonly forbidden: readonly Finding[];
  readonly unknown: readonly Finding[];
  /** Forbidden events beyond those that are listed. */
  readonly more: number;
}

export interface CheckOptions {
  readonly implementation: Implementation;
  readonly format?: TraceFormat;
  readonly explainImplementations?: boolean;
  readonly stopAtFirst?: boolean;
  /** Hears every event, and what is possible after it. */
  readonly onEvent?: (event: OracleEvent, after: Candidates) => void;
}

/** At most so many findings of each kind are kept in full. */
const maxFindings = 20;
/** At most so many calls are kept for a reproduction. */
const maxHistory = 20_000;

/** Holds every line of a trace against the specification. */
export function checkTrace(lines: Iterable<string>, options: CheckOptions): TraceReport {
  const checker = new TraceChecker(options);
  for (const line of lines) {
    checker.line(line);
    if (options.stopAtFirst === true && checker.summary.forbidden > 0) break;
  }
  return checker.report();
}

class TraceChecker {
  readonly #options: CheckOptions;
  readonly #session: Session;
  readonly #kvm = new KvmChecker();
  readonly #kvmTally = new Tally();
  #format: TraceFormat | undefined;
  #at = { line: 0, text: '' };
  #passed = 0;
  #unparsed = 0;
  readonly #firstUnparsed: { line: number; why: string; text: string }[] = [];
  readonly #forbidden: Finding[] = [];
  readonly #unknown: Finding[] = [];
  #calls: NamedCall[] | undefined = [];
  #events: OracleEvent[] | undefined = [];

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#format = options.format;
    this.#session = new Session(options.implementation, heard => this.#heard(heard));
  }

  get summary(): Summary {
    return sum(this.#session.summary, this.#kvmTally.summary);
  }

  line(text: string): void {
    this.#at = { line: this.#at.line + 1, text };
    if (this.#format === undefined) {
      if (text.trim() === '') return;
      this.#format = formatOf(text);
      // A log begins wherever somebody started it; only a hello says that this is the beginning.
      if (this.#format === 'log') this.#session.answer({ op: 'hello', initially: 'unknown' });
    }
    this.#item(readTraceLine(text, this.#format));
  }

  #item(item: TraceItem): void {
    switch (item.kind) {
      case 'blank':
        return;
      case 'passed':
        this.#passed++;
        return;
      case 'unparsed':
        return this.#notUnderstood(item.why);
      case 'kvm': {
        const verdict = this.#kvm.check(item.event);
        if (verdict === undefined) this.#passed++;
        else this.#judge(verdict);
        return;
      }
      case 'requests':
        for (const request of item.requests) this.#request(request);
    }
  }

  #request(value: unknown): void {
    const op = typeof value === 'object' && value !== null && 'op' in value ? value.op : undefined;
    if (op === 'hello' || op === 'restore') this.#startHistory();
    const answer = this.#session.answer(value);
    if (answer.ok === true) return;
    const { error } = answer as { readonly error: { readonly message: string } };
    this.#notUnderstood(error.message);
  }

  #startHistory(): void {
    this.#calls = [];
    this.#events = [];
  }

  #notUnderstood(why: string): void {
    this.#unparsed++;
    if (this.#firstUnparsed.length < 5)
      this.#firstUnparsed.push({ line: this.#at.line, why, text: this.#at.text.slice(0, 120) });
  }

  #judge(verdict: Verdict): void {
    this.#kvmTally.add(verdict);
    this.#keep({ ...this.#at, verdict });
  }

  #keep(finding: Finding): void {
    const kept = { forbidden: this.#forbidden, unknown: this.#unknown, allowed: [], 'out-of-scope': [] };
    const list: Finding[] = kept[finding.verdict.verdict];
    if (list.length < maxFindings) list.push({ ...finding, text: finding.text.slice(0, 400) });
  }

  #heard({ event, verdict }: Heard): void {
    this.#options.onEvent?.(event, this.#session.conversation.candidates);
    if (event.kind === 'gap') this.#calls = this.#events = undefined;
    this.#events?.push(event);
    if (event.kind === 'call') this.#calls?.push({ name: event.name, args: event.args });
    if ((this.#events?.length ?? 0) > maxHistory) this.#calls = this.#events = undefined;
    if (verdict === undefined || verdict.verdict === 'allowed') return;
    const isNew = verdict.verdict === 'forbidden' && this.#forbidden.length < maxFindings;
    this.#keep({ ...this.#at, verdict, ...(isNew ? this.#explained(event, verdict) : {}) });
    // After a divergence the calls so far no longer lead where the implementation is.
    if (verdict.verdict === 'forbidden' && verdict.resync?.assumed === 'observed') this.#calls = undefined;
  }

  #explained(event: OracleEvent, verdict: Verdict): Pick<Finding, 'reproduction' | 'implementations'> {
    const machine: Machine = this.#session.conversation.candidates.machine;
    const [outcome] = verdict.allowed;
    const reproduction =
      event.kind === 'call' && outcome !== undefined && this.#calls !== undefined
        ? reproduce(machine, this.#session.conversation.candidates.implementation, this.#calls, outcome)
        : undefined;
    const readings =
      this.#options.explainImplementations === true && this.#events !== undefined
        ? explainImplementations(machine, this.#events)
        : undefined;
    return {
      ...(reproduction === undefined ? {} : { reproduction }),
      ...(readings === undefined ? {} : { implementations: readings }),
    };
  }

  report(): TraceReport {
    const summary = this.summary;
    return {
      format: this.#format ?? 'log',
      lines: this.#at.line,
      passed: this.#passed,
      unparsed: { count: this.#unparsed, first: this.#firstUnparsed },
      summary,
      coverage: this.#session.coverage,
      forbidden: this.#forbidden,
      unknown: this.#unknown,
      more: summary.forbidden - this.#forbidden.length,
    };
  }
}

function sum(a: Summary, b: Summary): Summary {
  return {
    events: a.events + b.events,
    allowed: a.allowed + b.allowed,
    forbidden: a.forbidden + b.forbidden,
    unknown: a.unknown + b.unknown,
    outOfScope: a.outOfScope + b.outOfScope,
    looseUsed: a.looseUsed + b.looseUsed,
    silentInserted: a.silentInserted + b.silentInserted,
  };
}
