import { z } from 'zod';
import type { Conversation } from '../conversation/index.ts';
import type { RequestError } from './errors.ts';
import { issueText } from './issue-text.ts';

/** An answer as it is written, one line of JSON. */
export type Answer = Readonly<Record<string, unknown>>;
/** Instead of an answer: why there is none. */
export class Refusal {
  readonly error: RequestError;
  constructor(error: RequestError) {
    this.error = error;
  }
}

/** The fields that every request has beside its own. */
export const envelope = <const N extends string>(name: N) => ({
  id: z.union([z.string().max(256), z.number(), z.null()]).optional(),
  op: z.literal(name),
});

/** One operation of the protocol: what it is asked with, what it answers, and the line of `--help` on it. */
export interface Operation {
  readonly name: string;
  readonly help: string;
  readonly schema: z.ZodObject<{ op: z.ZodLiteral<string> }>;
  /** Answers a request that is an object with this operation's name, or says what is wrong in it. */
  answerTo(request: Readonly<Record<string, unknown>>, conversation: Conversation): Answer | Refusal;
}

/** Makes an operation of its parts. `answer` gets what the schema lets through. */
export const operation = <S extends z.ZodObject<{ op: z.ZodLiteral<string> }>>({
  schema,
  help,
  answer,
}: {
  readonly schema: S;
  readonly help: string;
  readonly answer: (request: z.output<S>, conversation: Conversation) => Answer | Refusal;
}): Operation => {
  const name = schema.shape.op.value;
  return {
    name,
    help,
    schema,
    answerTo: (request, conversation) => {
      const parsed = schema.safeParse(request);
      return parsed.success
        ? answer(parsed.data, conversation)
        : refuse(`${name}: ${issueText(parsed.error)}`);
    },
  };
};

/** What is wrong in a request. */
export const refuse = (message: string): Refusal => new Refusal({ code: 'schema', message });
