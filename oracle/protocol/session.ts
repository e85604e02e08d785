import { readJson } from '../../evidence/json-text.ts';
import { Conversation, type Heard } from '../conversation/index.ts';
import type { Coverage, Summary } from '../conversation/index.ts';
import type { Implementation } from '../implementations/index.ts';
import { type Answer, Refusal } from './operation.ts';
import { operationNamed, protocolOperations, spelledOut } from './operations.ts';
import type { RequestError } from './errors.ts';
import { limits } from './limits.ts';

/**
 * One conversation in JSON: a request in, an answer out, in order. Knows nothing of streams. Whatever a client sends is
 * answered.
 */
export class Session {
  readonly conversation: Conversation;
  #refused = 0;

  /** `implementation` until `hello` names another; `onEvent` hears every event that was held against it. */
  constructor(implementation?: Implementation, onEvent?: (heard: Heard) => void) {
    this.conversation = new Conversation(implementation, onEvent);
  }

  get summary(): Summary {
    return this.conversation.tally.summary;
  }

  get coverage(): Coverage {
    return this.conversation.tally.coverage;
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
      return this.#refuse(id, { code: 'schema', message: `"op" is missing: ${names}` });
    const operation = operationNamed(op);
    if (operation === undefined)
      return this.#refuse(id, {
        code: 'schema',
        message: `no op ${JSON.stringify(op.slice(0, 40))}: ${names}`,
      });
    const result = operation.answerTo(spelledOut(op, request), this.conversation);
    if (result instanceof Refusal) return this.#refuse(id, result.error);
    return { ...(id === undefined ? {} : { id }), ok: true, ...result };
  }

  #refuse(id: unknown, error: RequestError): Answer {
    this.#refused++;
    const known = typeof id === 'number' || (typeof id === 'string' && id.length <= 256) ? id : null;
    return { id: known, ok: false, error };
  }
}

const names = `one of ${protocolOperations.map(({ name }) => name).join(', ')}`;
