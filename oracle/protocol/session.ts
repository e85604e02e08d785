import { readJson } from '../../evidence/json-text.ts';
import { Conversation, type Coverage, type Heard, type Summary, sumOf } from '../conversation/index.ts';
import type { CallVerdict, CountedImplementation, CountedMachineFacts } from '../counted/index.ts';
import type { Implementation } from '../implementations/index.ts';
import { verdictFrom } from './counted/answer.ts';
import { CountedTalk } from './counted/talk.ts';
import { type Answer, Refusal, type Talk } from './operation.ts';
import { countedOperations, operationNamed, protocolOperations, spelledOut } from './operations.ts';
import type { RequestError } from './errors.ts';
import { limits } from './limits.ts';

/**
 * One conversation in JSON: a request in, an answer out, in order. Knows nothing of streams. Whatever a client sends is
 * answered.
 */
export class Session implements Talk {
  readonly conversation: Conversation;
  readonly #onEvent: (heard: Heard) => void;
  /** Every implementation that counts and was talked about. */
  readonly #talks = new Map<CountedImplementation, CountedTalk>();
  #counted: CountedTalk | undefined;
  #refused = 0;

  /** `implementation` until `hello` names another; `onEvent` hears every event that was held against it. */
  constructor(
    implementation?: Implementation | CountedImplementation,
    onEvent: (heard: Heard) => void = () => {},
  ) {
    this.#onEvent = onEvent;
    const isCounted = implementation !== undefined && 'machine' in implementation;
    this.conversation = new Conversation(isCounted ? undefined : implementation, onEvent);
    if (isCounted) this.begin({ implementation, machine: nobodySaid });
  }

  get counted(): CountedTalk | undefined {
    return this.#counted;
  }

  begin(
    counted: { implementation: CountedImplementation; machine: CountedMachineFacts } | undefined,
  ): void {
    if (counted === undefined) {
      this.#counted = undefined;
      return;
    }
    const { implementation, machine } = counted;
    const known = this.#talks.get(implementation);
    known?.begin(machine);
    this.#counted = known ?? new CountedTalk(implementation, machine, verdict => this.#heard(verdict));
    this.#talks.set(implementation, this.#counted);
  }

  #heard(verdict: CallVerdict): void {
    this.#onEvent({ verdict: verdictFrom(verdict), name: verdict.operation });
  }

  get summary(): Summary {
    return [...this.#talks.values()].reduce(
      (sum, { tally }) => sumOf(sum, tally.summary),
      this.conversation.tally.summary,
    );
  }

  get coverage(): Coverage {
    return (this.#counted ?? this.conversation).tally.coverage;
  }

  /** The limits that were hit, by the rules that tell of them. */
  get limits(): readonly string[] {
    return this.conversation.tally.limits;
  }

  /** Whether the client has said `end`. */
  get hasEnded(): boolean {
    return this.conversation.hasEnded;
  }

  /** How many lines were answered with an error. */
  get refused(): number {
    return this.#refused;
  }

  /** The answer to a line that is too long to be read. */
  answerTooLong(length: number): Answer {
    const message = `a line of ${length} characters; at most ${limits.lineLength} are read`;
    return this.#refuse(null, { code: 'limit', limit: 'lineLength', message });
  }

  /** The answer to a text of which no line can be read. */
  refuseText(why: string): Answer {
    return this.#refuse(null, { code: 'json', message: why });
  }

  /** Answers one line. */
  answerLine(line: string): Answer {
    if (line.length > limits.lineLength) return this.answerTooLong(line.length);
    const json = readJson(line);
    return json.ok ? this.answer(json.value) : this.#refuse(null, { code: 'json', message: json.why });
  }

  /** Answers a request that is JSON already. */
  answer(value: unknown): Answer {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return this.#refuse(null, { code: 'schema', message: 'a request is an object with an "op"' });
    const request: Readonly<Record<string, unknown>> = { ...value };
    const { op, id } = request;
    if (typeof op !== 'string')
      return this.#refuse(id, { code: 'schema', message: `"op" is missing: ${this.#names}` });
    const operation = operationNamed(op, this);
    if (operation === undefined)
      return this.#refuse(id, {
        code: 'schema',
        message: `no op ${JSON.stringify(op.slice(0, 40))}: ${this.#names}`,
      });
    const result = operation.answerTo(spelledOut(op, request, this), this);
    if (result instanceof Refusal) return this.#refuse(id, result.error);
    return { ...(id === undefined ? {} : { id }), ok: true, ...result };
  }

  get #names(): string {
    const operations = this.#counted === undefined ? protocolOperations : countedOperations;
    return `one of ${operations.map(({ name }) => name).join(', ')}`;
  }

  #refuse(id: unknown, error: RequestError): Answer {
    this.#refused++;
    const known = typeof id === 'number' || (typeof id === 'string' && id.length <= 256) ? id : null;
    return { id: known, ok: false, error };
  }
}

const nobodySaid: CountedMachineFacts = {
  ram: 'any',
  hypervisor: [],
  vms: 'any',
  initially: 'host owns all RAM',
};
