import { hashOf, type Implementation, normative } from '../implementations/index.ts';
import {
  type AllowedOutcome,
  type Candidates,
  candidatesOf,
  type Machine,
  type NamedCall,
  type OracleEvent,
  perform,
  predict,
  step,
  type Verdict,
  verdictOf,
} from '../step/index.ts';
import { Snapshots } from './snapshots.ts';
import { Tally } from './tally.ts';

/** What a conversation tells whoever drives it about each event; no verdict on what it predicted. */
export interface Heard {
  /** Absent for what is judged by itself, such as a walk. */
  readonly event?: OracleEvent;
  /** The call that it is about, where there is no event. */
  readonly name?: string;
  readonly verdict?: Verdict;
}

/** The addresses that lists of leaves are told by. */
export interface Positions {
  readonly pages: readonly bigint[];
  readonly gpas: readonly bigint[];
}

/**
 * At most so many leaf words that differ from the beginning are followed; 512 that one large leaf could hold count as
 * one.
 */
export const maxLeafWords = 8_388_608;

const nowhere: Positions = { pages: [], gpas: [] };
const nobodySaid: Machine = { ram: 'any', vms: 'any', initially: 'host owns all RAM' };

/** The states in which the implementation may be, and what was said of it: what a protocol or a trace talks to. */
export class Conversation {
  readonly tally = new Tally();
  readonly snapshots = new Snapshots();
  /** Words of physical memory, for walks. */
  readonly memory = new Map<bigint, bigint>();
  readonly #onEvent: (heard: Heard) => void;
  readonly #mostLeafWords: number;
  #candidates: Candidates;
  /** Somebody else may hold them, and ask them when they are no longer ours. */
  #areLent = false;
  #hash: string;
  /** The number of the last event; `undefined` where the next may have any. */
  #seq: number | undefined;
  #positions: Positions = nowhere;
  #hasEnded = false;

  /** `implementation` until `begin` names another; `onEvent` hears every event that was held against it. */
  constructor(
    implementation: Implementation = normative,
    onEvent: (heard: Heard) => void = () => {},
    mostLeafWords = maxLeafWords,
  ) {
    this.#mostLeafWords = mostLeafWords;
    this.#candidates = candidatesOf(nobodySaid, implementation);
    this.#hash = hashOf(implementation);
    this.#onEvent = onEvent;
  }

  get candidates(): Candidates {
    this.#areLent = true;
    return this.#candidates;
  }

  get implementation(): Implementation {
    return this.#candidates.implementation;
  }

  /** Names the implementation in every answer. */
  get hash(): string {
    return this.#hash;
  }

  get positions(): Positions {
    return this.#positions;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** Starts over on this machine. Events are numbered from 1. */
  begin(machine: Machine, implementation = this.implementation, positions: Positions = nowhere): void {
    this.#candidates = candidatesOf(machine, implementation);
    this.#hash = hashOf(implementation);
    this.#positions = positions;
    this.#seq = 0;
    this.snapshots.clear();
    this.memory.clear();
  }

  /** The next event may have any number: a log may begin in the middle. */
  expectAny(): void {
    this.#seq = undefined;
  }

  /** Goes on from states that were kept. */
  restore(candidates: Candidates): void {
    this.#candidates = candidates;
    this.#areLent = true;
  }

  /** Holds an event against every possible state and goes on from there. A jump of `seq` is a gap before it. */
  judge(event: OracleEvent, seq?: number): Verdict {
    if (event.kind === 'gap') this.#seq = undefined;
    else if (seq !== undefined) this.notice(seq);
    return this.#judge(event);
  }

  /** A verdict on something that depends on no state and changes none. */
  saw(verdict: Verdict): void {
    this.tally.add(verdict);
    this.#onEvent({ verdict });
  }

  /** Everything that the specification lets a call do from here. */
  predict(call: NamedCall): readonly AllowedOutcome[] {
    return predict(this.#candidates, call);
  }

  /** A call of which nothing was observed, done as the specification does it; `undefined` where that is not known. */
  perform(call: NamedCall): ReturnType<typeof perform> {
    const done = perform(this.#candidates, call);
    if (done === undefined) return undefined;
    this.#candidates = done.candidates;
    this.tally.saw(call.name, done.outcome.rule);
    this.#onEvent({ event: { kind: 'call', ...call } });
    return done;
  }

  /** More leaves were written than are followed: from here on nothing is known of any. */
  #forget(): void {
    const why = `more than ${this.#mostLeafWords} leaf words differ from the beginning`;
    const event: OracleEvent = { kind: 'gap', why };
    this.#candidates = step(this.#candidates, event).candidates;
    const verdict = verdictOf('unknown', 'limit.leaf_words', why);
    this.tally.add(verdict);
    this.#onEvent({ event, verdict });
  }

  /** A numbered event has come. Returns whether some are missing before it. */
  notice(seq: number): boolean {
    const expected = this.#seq === undefined ? undefined : this.#seq + 1;
    const isFirst = this.#seq === 0 && seq === 0; // some count from 0
    this.#seq = seq;
    if (expected === undefined || seq === expected || isFirst) return false;
    this.#judge({ kind: 'gap', lost: Math.max(0, seq - expected) });
    return true;
  }

  #judge(event: OracleEvent): Verdict {
    if (this.#candidates.shared.cells > this.#mostLeafWords) this.#forget();
    const { verdict, candidates } = step(this.#candidates, event);
    if (!this.#areLent) this.#candidates.shared.giveUpFor(candidates.shared);
    this.#areLent = false;
    this.#candidates = candidates;
    this.tally.add(verdict, event.kind === 'call' ? event.name : undefined);
    this.#onEvent({ event, verdict });
    return verdict;
  }
}
