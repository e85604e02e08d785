import { type CountedLine, readCountedLine } from '../../evidence/logs/counted-line.ts';
import { readDebugPrint } from '../../evidence/logs/pkvm-debug.ts';
import { type OwnLine, ownBody } from '../../evidence/logs/own-line.ts';
import { type JoinedLine, LineJoiner } from '../../evidence/logs/joined-lines.ts';
import { type LogLine, readLogLine } from '../../evidence/logs/read-log.ts';
import { maxLineLength, type TextLine } from '../../evidence/lines.ts';
import { type Coverage, type Heard, type Summary, sumOf, Tally } from '../conversation/index.ts';
import type { CountedImplementation } from '../counted/index.ts';
import type { Implementation } from '../implementations/index.ts';
import { Session } from '../protocol/session.ts';
import { type Candidates, type OracleEvent, type Verdict } from '../step/index.ts';
import { CountedCalls } from './counted-calls.ts';
import { type Finding, Findings, type Group } from './findings.ts';
import { History } from './history.ts';
import { KvmChecker } from './kvm-checker.ts';
import { OwnCalls, type Place } from './own-calls.ts';
import { formatOf, readJsonLine, type TraceFormat } from './trace-line.ts';

/** Lines that are no events, counted, and the first of them. */
export interface StrangeLines {
  readonly count: number;
  readonly first: readonly { readonly line: number; readonly why: string; readonly text: string }[];
}

export interface TraceReport {
  readonly format: TraceFormat;
  readonly lines: number;
  /** Lines that tell of something of which nothing is checked. */
  readonly passed: number;
  /** Lines that are not understood, those that were meant for us among them. */
  readonly unparsed: StrangeLines;
  /** How many of those were meant for us: lines of our own, or of a trace in our own form. What they told is missing. */
  readonly damaged: number;
  /** The limits that were hit, by the rules that tell of them. */
  readonly limits: readonly string[];
  readonly summary: Summary;
  readonly coverage: Coverage;
  readonly forbidden: readonly Finding[];
  readonly unknown: readonly Finding[];
  /** Forbidden events beyond those that are listed. */
  readonly more: number;
  /** All that is forbidden, by cause. */
  readonly groups: readonly Group[];
}

export interface CheckOptions {
  readonly implementation: Implementation | CountedImplementation;
  readonly format?: TraceFormat;
  readonly explainImplementations?: boolean;
  readonly stopAtFirst?: boolean;
  /** Hears every event, and what is possible after it. */
  readonly onEvent?: (event: OracleEvent, after: Candidates) => void;
}

/** Holds every line of a trace against the specification. */
export function checkTrace(lines: Iterable<string | TextLine>, options: CheckOptions): TraceReport {
  const checker = new TraceChecker(options);
  for (const line of lines) {
    checker.line(typeof line === 'string' ? { text: line } : line);
    if (options.stopAtFirst === true && checker.hasForbidden) break;
  }
  return checker.report();
}

const maxStrange = 5;

/** Checks a trace line by line, in memory that does not grow with it. */
export class TraceChecker {
  readonly #options: CheckOptions;
  readonly #session: Session;
  readonly #own: OwnCalls;
  readonly #counted: CountedCalls;
  readonly #kvm = new KvmChecker();
  readonly #kvmTally = new Tally();
  readonly #findings = new Findings();
  readonly #history = new History();
  readonly #joiner = new LineJoiner();
  readonly #strange: { line: number; why: string; text: string }[] = [];
  #format: TraceFormat | undefined;
  #hasBegun = false;
  #at: Place = { line: 0, text: '' };
  #lines = 0;
  #passed = 0;
  #unparsed = 0;
  #damaged = 0;
  /** Lines of our own have carried a sum, or a number: one without it has lost it. */
  readonly #habits = { sum: false, seq: false };

  constructor(options: CheckOptions) {
    this.#options = options;
    this.#format = options.format;
    this.#session = new Session(options.implementation, heard => this.#heard(heard));
    this.#own = new OwnCalls(this.#session.conversation, place => (this.#at = place));
    this.#counted = new CountedCalls(this.#session, place => (this.#at = place));
  }

  get hasForbidden(): boolean {
    return this.#session.summary.forbidden + this.#kvmTally.summary.forbidden > 0;
  }

  get lines(): number {
    return this.#lines;
  }

  line({ text, tooLong, isCut = false }: TextLine): void {
    this.#at = { line: ++this.#lines, text };
    if (this.#format === undefined) {
      if (text.trim() === '' && tooLong === undefined) return;
      this.#format = formatOf(text);
    }
    if (tooLong !== undefined) {
      this.#rest();
      return this.#damage(`a line of ${tooLong} characters; at most ${maxLineLength} are read`);
    }
    if (this.#format === 'json') return this.#json(text);
    for (const line of this.#joiner.push(text, this.#lines)) this.#logText(line, isCut);
  }

  /** A line of a log that somebody has read already. */
  take(line: LogLine, place: Place): void {
    this.#format ??= 'log';
    this.#begin();
    this.#at = place;
    this.#log(line, false);
  }

  /** A log begins wherever somebody started it; only a hello says that this is the beginning. */
  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#session.answer({ op: 'hello', initially: 'unknown' });
    (this.#session.counted ?? this.#session.conversation).expectAny();
  }

  #logText({ number, text }: JoinedLine, isCut: boolean): void {
    this.#begin();
    this.#at = { line: number, text };
    if (this.#session.counted === undefined) this.#log(readLogLine(text), isCut);
    else this.#countedLog(text, isCut);
  }

  /** The line that waited for its rest: there is none. */
  #rest(): void {
    for (const line of this.#joiner.end()) this.#logText(line, true);
  }

  /** A line of a log that is held against code that counts: our own lines, and what says that some are lost. */
  #countedLog(text: string, isCut: boolean): void {
    const body = ownBody(text);
    if (body === undefined) {
      const print = readDebugPrint(text);
      if (print === 'passed') this.#passed++;
      else if (print !== undefined) this.#counted.sees(print);
      if (print !== undefined) return;
      const line = readLogLine(text);
      if (line.kind === 'host-refused' || line.kind === 'kvm') this.#passed++;
      else this.#log(line, isCut);
      return;
    }
    if (isCut) return this.#damage('the last line has no end: it may be cut off');
    const read = readCountedLine(body);
    if (!read.ok) return this.#damage(`a line of ours that cannot be read: ${read.why}`);
    const wrong = this.#lacks(read.line, read.hasSum) ?? this.#counted.take(read.line, this.#at);
    if (wrong !== undefined) this.#damage(wrong);
  }

  report(): TraceReport {
    this.#rest();
    this.#own.finish();
    this.#counted.finish();
    const { summary, coverage, limits } = this.#session;
    const total = sumOf(summary, this.#kvmTally.summary);
    return {
      format: this.#format ?? 'log',
      lines: this.#lines,
      passed: this.#passed,
      unparsed: { count: this.#unparsed, first: this.#strange },
      damaged: this.#damaged,
      limits: [...limits, ...(this.#kvm.hitLimit ? ['limit.log_pages'] : [])],
      summary: total,
      coverage,
      forbidden: this.#findings.forbidden,
      unknown: this.#findings.unknown,
      more: total.forbidden - this.#findings.forbidden.length,
      groups: this.#findings.groups,
    };
  }

  #json(text: string): void {
    const read = readJsonLine(text);
    if (read.kind === 'damaged') return this.#damage(read.why);
    if (read.kind === 'blank') return;
    for (const request of read.requests) {
      const op =
        typeof request === 'object' && request !== null && 'op' in request ? request.op : undefined;
      if (op === 'hello' || op === 'restore') this.#history.restart();
      const answer = this.#session.answer(request);
      if (answer.ok !== true) this.#damage(messageOf(answer.error));
    }
  }

  #log(line: LogLine, isCut: boolean): void {
    switch (line.kind) {
      case 'blank':
        return;
      case 'passed':
        if (isCut && (this.#habits.sum || this.#habits.seq))
          return this.#damage('the last line has no end: it may have begun one of ours');
        this.#passed++;
        return;
      case 'unparsed':
        return this.#notUnderstood(line.why);
      case 'damaged':
        return this.#damage(line.why);
      case 'gap':
        this.#kvm.forget();
        if (this.#session.counted !== undefined)
          return this.#counted.gap(`${line.lost} events are missing`);
        return this.#own.gap({ kind: 'gap', lost: line.lost });
      case 'host-refused':
        this.#session.conversation.judge({
          kind: 'violation',
          who: 'host',
          address: line.address,
          result: 'refused',
        });
        return;
      case 'own':
        if (isCut) return this.#damage('the last line has no end: it may be cut off');
        return this.#ownLine(line);
      case 'kvm': {
        if (isCut) return this.#notUnderstood('the last line has no end: it may be cut off');
        const verdict = this.#kvm.check(line.event, line.of);
        if (verdict === undefined) this.#passed++;
        else this.#judge(verdict);
      }
    }
  }

  #ownLine({ line, hasSum }: Extract<LogLine, { kind: 'own' }>): void {
    const lacks = this.#lacks(line, hasSum);
    if (lacks !== undefined) return this.#damage(lacks);
    if (line.kind === 'hello') this.#history.restart();
    const wrong = this.#own.take(line, this.#at);
    if (wrong !== undefined) this.#damage(wrong);
  }

  /** What the lines of our own before this one had, and this one has not. */
  #lacks(line: OwnLine | CountedLine, hasSum: boolean): string | undefined {
    if (this.#habits.sum && !hasSum) return 'it has no sum=, as those before it have';
    this.#habits.sum = hasSum;
    // the two ends of a call are not numbered: calls that overlap have no one order
    const isEnd = line.kind === 'end' || (line.kind === 'call' && line.call !== undefined);
    if (line.kind === 'hello' || (isEnd && line.seq === undefined)) return undefined;
    const hasSeq = line.seq !== undefined;
    if (this.#habits.seq && !hasSeq) return 'it has no seq=, as those before it have';
    this.#habits.seq = hasSeq;
    return undefined;
  }

  #notUnderstood(why: string): void {
    this.#unparsed++;
    if (this.#strange.length < maxStrange)
      this.#strange.push({ line: this.#at.line, why, text: this.#at.text.slice(0, 120) });
  }

  /** A line that was meant for us cannot be read: what it told is missing from here on. */
  #damage(why: string): void {
    this.#damaged++;
    this.#notUnderstood(why);
    const gap = `a line that was meant for us cannot be read: ${why}`;
    if (this.#session.counted === undefined) this.#own.gap({ kind: 'gap', why: gap });
    else this.#counted.gap(gap);
  }

  #judge(verdict: Verdict): void {
    this.#kvmTally.add(verdict);
    this.#findings.add({ ...this.#at, verdict });
  }

  #heard({ event, verdict, name: counted }: Heard): void {
    const { conversation } = this.#session;
    if (event !== undefined) this.#options.onEvent?.(event, conversation.candidates);
    this.#history.add(event === undefined ? {} : { event, ...(verdict && { verdict }) });
    if (verdict === undefined || verdict.verdict === 'allowed') return;
    const called = event?.kind === 'call' ? event.name : counted;
    const name = called === undefined ? {} : { name: called };
    this.#findings.add({ ...this.#at, ...name, verdict }, () =>
      event === undefined
        ? {}
        : this.#history.explain(
            conversation.candidates,
            { event, verdict },
            this.#options.explainImplementations === true,
          ),
    );
  }
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'no answer';
