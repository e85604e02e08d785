import { type CallVerdict, CountedConversation, type CountedMachineFacts } from '../../counted/index.ts';
import type { CountedCall, JudgedCounted, PlaceSeen } from '../../counted/index.ts';
import type { CountedImplementation } from '../../counted/index.ts';
import { type RulesByOperation, Tally } from '../../conversation/index.ts';
import { hashOf } from '../../implementations/index.ts';

/** At most so many machines are kept by name. */
const maxKept = 16;

/** A conversation about a machine on which shares are counted, with what came of it counted. */
export class CountedTalk {
  readonly implementation: CountedImplementation;
  /** Names the implementation in every answer. */
  readonly hash: string;
  #tally: Tally | undefined;
  readonly #onVerdict: (verdict: CallVerdict) => void;
  #machine: CountedMachineFacts;
  /** Made when it is first asked: a machine of which nobody has said anything is large. */
  #made: CountedConversation | undefined;
  #seq: number | undefined = 0;
  #kept = new Set<string>();
  #isTrying = false;

  /** `onVerdict` hears what came of every event. */
  constructor(
    implementation: CountedImplementation,
    machine: CountedMachineFacts,
    onVerdict: (verdict: CallVerdict) => void = () => {},
  ) {
    this.implementation = implementation;
    const { name, columns } = implementation;
    this.hash = hashOf({ name, columns });
    this.#onVerdict = onVerdict;
    this.#machine = machine;
  }

  get conversation(): CountedConversation {
    this.#made ??= new CountedConversation(this.implementation, this.#machine);
    return this.#made;
  }

  get tally(): Tally {
    if (this.#tally === undefined) {
      const rules: RulesByOperation = this.conversation.model.rules();
      this.#tally = new Tally(rules);
    }
    return this.#tally;
  }

  /** Starts over on this machine; what was counted stays. */
  begin(machine: CountedMachineFacts): void {
    this.#machine = machine;
    this.#made = undefined;
    this.#seq = 0;
    this.#kept = new Set();
  }

  /** The next event may have any number. */
  expectAny(): void {
    this.#seq = undefined;
  }

  judge(call: CountedCall, seq?: number): JudgedCounted {
    this.notice(seq);
    const judged = this.conversation.judge(call);
    this.#hear(judged);
    return judged;
  }

  /** A call of which nothing was observed, done as the implementation does it: nothing is judged. */
  perform(call: CountedCall): JudgedCounted {
    const done = this.conversation.judge(call);
    this.tally.saw(done.operation, done.rule.name);
    return done;
  }

  observe(seen: readonly PlaceSeen[], seq?: number): CallVerdict {
    this.notice(seq);
    return this.#hear(this.conversation.observe(seen));
  }

  gap(why: string): CallVerdict {
    this.#seq = undefined;
    return this.#hear(this.conversation.gap(why));
  }

  /** Returns whether there was room. */
  keep(name: string): number | undefined {
    if (!this.#kept.has(name) && this.#kept.size >= maxKept) return undefined;
    this.#kept.add(name);
    return this.conversation.keep(name);
  }

  /** Tries what `body` does: nothing of it is counted or heard, and the machine is as it was. */
  tried<T>(body: () => T): T {
    const name = ' tried';
    this.conversation.keep(name);
    this.#isTrying = true;
    try {
      return body();
    } finally {
      this.#isTrying = false;
      this.conversation.restore(name);
      this.conversation.drop(name);
    }
  }

  /** A numbered event has come; a jump is a gap. Returns whether some are missing before it. */
  notice(seq: number | undefined): boolean {
    if (seq === undefined) return false;
    const expected = this.#seq === undefined ? undefined : this.#seq + 1;
    const isFirst = this.#seq === 0 && seq === 0; // some count from 0
    this.#seq = seq;
    if (expected === undefined || seq === expected || isFirst) return false;
    this.#hear(this.conversation.gap(`${Math.max(0, seq - expected)} events are missing`));
    return true;
  }

  #hear<V extends CallVerdict>(verdict: V): V {
    if (this.#isTrying) return verdict;
    const { verdict: kind, rule, operation } = verdict;
    const isCall = this.conversation.model.shapeOf(operation) !== undefined;
    const counted = { verdict: kind, rule: rule.name, isLoose: false, inserted: [] };
    this.tally.add(counted, isCall ? operation : undefined);
    this.#onVerdict(verdict);
    return verdict;
  }
}
