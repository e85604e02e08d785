import {
  type Implementation,
  implementationNamed,
  implementations,
  hashOf,
  normative,
} from '../implementations/index.ts';
import { limits } from '../protocol/limits.ts';
import { machineFrom, machineIn, type Positions, positionsIn } from '../protocol/machine-input.ts';
import { parseRequest, type RequestError, tooLong } from '../protocol/parse-request.ts';
import { opNames, type Request, type RequestOf } from '../protocol/requests.ts';
import {
  type Candidates,
  candidatesOf,
  type OracleEvent,
  pageAt,
  perform,
  predict,
  step,
  type Verdict,
  wordsOf,
} from '../step/index.ts';
import { errnoOf, leafJson, limitError, outcomeJson, verdictJson, writeJson } from './answer.ts';
import { accessEvent, callArguments, callEvent, observeEvent, violationEvent } from './event-of.ts';
import { Snapshots } from './snapshots.ts';
import { nestedStateAnswer } from './nested-state.ts';
import { walkJson, walkVerdict } from './walk.ts';
import { type Coverage, type Summary, Tally } from './tally.ts';

export const protocolVersion = 1;

/** An answer as it is written, one line of JSON. */
export type Answer = Readonly<Record<string, unknown>>;

/** What a session tells whoever drives it about each event, beside the answer: no verdict on what it predicted. */
export interface Heard {
  readonly event: OracleEvent;
  readonly verdict?: Verdict;
}

/**
 * One conversation: a request in, an answer out, in order. Holds the possible states, snapshots and counts; knows
 * nothing of streams. Whatever a client sends is answered.
 */
export class Session {
  #candidates: Candidates;
  #positions: Positions = { pages: [], gpas: [] };
  #hash: string;
  #seq: number | undefined;
  #hasEnded = false;
  #snapshots = new Snapshots();
  readonly #tally = new Tally();
  readonly #memory = new Map<bigint, bigint>();
  readonly #onEvent: (heard: Heard) => void;

  /** `implementation` until `hello` names another; `onEvent` hears every event that was held against the specification. */
  constructor(implementation: Implementation = normative, onEvent: (heard: Heard) => void = () => {}) {
    this.#candidates = candidatesOf(
      { ram: 'any', vms: 'any', initially: 'host owns all RAM' },
      implementation,
    );
    this.#hash = hashOf(implementation);
    this.#onEvent = onEvent;
  }

  get summary(): Summary {
    return this.#tally.summary;
  }

  get coverage(): Coverage {
    return this.#tally.coverage;
  }

  /** Whether the client has said `end`. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get candidates(): Candidates {
    return this.#candidates;
  }

  /** The answer to a line that is too long to be read. */
  answerTooLong(length: number): Answer {
    const { id, error } = tooLong(length);
    return { id, ok: false, error };
  }

  /** Answers one line. */
  answerLine(line: string): Answer {
    const parsed = parseRequest(line);
    return parsed.ok ? this.answer(parsed.request) : { id: parsed.id, ok: false, error: parsed.error };
  }

  /** Answers one request. */
  answer(request: Request): Answer {
    const id = request.id === undefined ? {} : { id: request.id };
    if (this.#candidates.shared.size > limits.leafWords && request.op !== 'end' && request.op !== 'hello') {
      return {
        ...id,
        ok: false,
        error: limitError('leafWords', 'more leaves were written than are followed'),
      };
    }
    const result = this.#dispatch(request);
    return 'error' in result ? { ...id, ok: false, ...result } : { ...id, ok: true, ...result };
  }

  #dispatch(request: Request): Answer | { readonly error: RequestError } {
    switch (request.op) {
      case 'hello':
        return this.#hello(request);
      case 'call':
        return this.#call(request);
      case 'predict':
        return this.#predict(request);
      case 'observe':
        return this.#hold(observeEvent(request, this.#positions), request.seq);
      case 'access':
        return this.#hold(accessEvent(request), request.seq);
      case 'violation':
        return this.#hold(violationEvent(request), request.seq);
      case 'walk':
        return this.#walk(request);
      case 'nested_state':
        return this.#nestedState(request);
      case 'gap':
        return this.#hold({ kind: 'gap', ...(request.lost === undefined ? {} : { lost: request.lost }) });
      case 'read':
        return this.#read(request);
      case 'mem':
        return this.#mem(request);
      case 'snapshot':
        return this.#snapshot(request.name ?? '');
      case 'restore':
        return this.#restore(request.name ?? '');
      case 'end':
        return this.#end();
    }
  }

  #hello(request: RequestOf<'hello'>): Answer | { readonly error: RequestError } {
    const asked = request.implementation ?? request.profile;
    const implementation =
      typeof asked === 'string' ? implementationNamed(asked) : (asked ?? this.#candidates.implementation);
    if (implementation === undefined) {
      const names = implementations.map(({ name }) => name).join(', ');
      return {
        error: {
          code: 'schema',
          message: `hello: implementation: there is none of this name; there are ${names}`,
        },
      };
    }
    const described = machineIn(request);
    const machine = machineFrom(described);
    if (typeof machine === 'string') return { error: { code: 'schema', message: `hello: ${machine}` } };
    this.#candidates = candidatesOf(machine, implementation);
    this.#positions = positionsIn(described);
    this.#hash = hashOf(implementation);
    this.#seq = undefined;
    this.#snapshots = new Snapshots();
    this.#memory.clear();
    const { name } = implementation;
    return {
      protocol: protocolVersion,
      implementation: name,
      profile: name,
      dialect: this.#hash,
      ops: opNames,
      limits,
    };
  }

  #call(request: RequestOf<'call'>): Answer | { readonly error: RequestError } {
    const event = callEvent(request, this.#positions);
    if (typeof event === 'string') return { error: { code: 'schema', message: event } };
    if (event.ret !== undefined || event.leaves !== undefined) return this.#hold(event, request.seq);
    const done = perform(this.#candidates, event);
    if (done === undefined) return this.#hold(event, request.seq);
    this.#candidates = done.candidates;
    const { result, rule, why, writes } = done.outcome;
    this.#tally.saw(event.name, rule);
    this.#onEvent({ event });
    return {
      ret: result,
      errno: errnoOf(result),
      rule,
      why,
      writes: writes.map(writeJson),
      dialect: this.#hash,
    };
  }

  /** Holds an event against every possible state and goes on from there. */
  #hold(event: OracleEvent | string, seq?: number): Answer | { readonly error: RequestError } {
    if (typeof event === 'string') return { error: { code: 'schema', message: event } };
    if (event.kind === 'gap') this.#seq = undefined;
    else this.#noticeGap(seq);
    const { verdict, candidates } = step(this.#candidates, event);
    this.#candidates = candidates;
    const name = event.kind === 'call' ? event.name : undefined;
    this.#tally.add(verdict, name);
    this.#onEvent({ event, verdict });
    const [outcome] = verdict.allowed;
    const predicted =
      name === undefined || outcome === undefined
        ? {}
        : { ret: outcome.ret, errno: errnoOf(outcome.ret), writes: outcome.writes.map(writeJson) };
    return {
      ...verdictJson(verdict),
      ...predicted,
      candidates: candidates.each.length,
      dialect: this.#hash,
    };
  }

  #walk(request: RequestOf<'walk'>): Answer {
    const { verdict, outcome } = walkVerdict(request, this.#memory, this.#candidates.implementation);
    this.#tally.add(verdict);
    return { ...verdictJson(verdict), ...walkJson(outcome), dialect: this.#hash };
  }

  #nestedState(request: RequestOf<'nested_state'>): Answer {
    const { answer, verdict } = nestedStateAnswer(request);
    if (verdict !== undefined) this.#tally.add(verdict);
    return { ...answer, dialect: this.#hash };
  }

  #noticeGap(seq: number | undefined): void {
    if (seq === undefined) return;
    if (this.#seq !== undefined && seq !== this.#seq + 1) {
      const event: OracleEvent = { kind: 'gap', lost: Math.max(0, seq - this.#seq - 1) };
      const { verdict, candidates } = step(this.#candidates, event);
      this.#candidates = candidates;
      this.#tally.add(verdict);
      this.#onEvent({ event, verdict });
    }
    this.#seq = seq;
  }

  #predict(request: RequestOf<'predict'>): Answer | { readonly error: RequestError } {
    const args = callArguments(request);
    if (typeof args === 'string') return { error: { code: 'schema', message: args } };
    const allowed = predict(this.#candidates, { name: request.name, args });
    return { allowed: allowed.map(outcomeJson), dialect: this.#hash };
  }

  #read({ table, address }: RequestOf<'read'>): Answer | { readonly error: RequestError } {
    const { vms } = this.#candidates.machine;
    if (table !== 'host' && vms !== 'any' && vms.every(({ id }) => id !== table))
      return { error: { code: 'state', message: `read: hello declared no VM ${table}` } };
    return leafJson({ table, address }, wordsOf(this.#candidates, table, pageAt(address)));
  }

  #mem({ words }: RequestOf<'mem'>): Answer | { readonly error: RequestError } {
    const entries = Array.isArray(words)
      ? words
      : Object.entries(words).map(([address, word]) => [BigInt(address), word] as const);
    if (this.#memory.size + entries.length > limits.memoryWords)
      return { error: limitError('memoryWords', 'no more words of memory are held') };
    for (const [address, word] of entries) this.#memory.set(address, word);
    return { words: this.#memory.size };
  }

  #snapshot(name: string): Answer | { readonly error: RequestError } {
    return this.#snapshots.keep(name, this.#candidates)
      ? { snapshots: this.#snapshots.size }
      : { error: limitError('snapshots', 'no more snapshots are held') };
  }

  #restore(name: string): Answer | { readonly error: RequestError } {
    const held = this.#snapshots.named(name);
    if (held === undefined)
      return { error: { code: 'state', message: `no snapshot is called ${JSON.stringify(name)}` } };
    this.#candidates = held;
    return { candidates: held.each.length };
  }

  #end(): Answer {
    this.#hasEnded = true;
    return { summary: this.#tally.summary, coverage: this.#tally.coverage, dialect: this.#hash };
  }
}
