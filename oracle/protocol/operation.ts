import { z } from 'zod';
import type { Conversation, Coverage, Summary } from '../conversation/index.ts';
import type { CountedImplementation, CountedMachineFacts } from '../counted/index.ts';
import type { CountedTalk } from './counted/talk.ts';
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
  answerTo(request: Readonly<Record<string, unknown>>, talk: Talk): Answer | Refusal;
}

/** What one session talks about. */
export interface Talk {
  /** Page states as the seed has them; walks and what else depends on no page state. */
  readonly conversation: Conversation;
  /** A machine on which shares are counted, where `hello` or the command line has named such an implementation. */
  readonly counted: CountedTalk | undefined;
  /** Goes on about such a machine, from its beginning; of an implementation of page states with `undefined`. */
  begin(counted: { implementation: CountedImplementation; machine: CountedMachineFacts } | undefined): void;
  /** What was counted in the whole session, and of the implementation that it is about now. */
  readonly summary: Summary;
  readonly coverage: Coverage;
}

type AnySchema = z.ZodObject<{ op: z.ZodLiteral<string> }>;
interface Parts<S extends AnySchema, C> {
  readonly schema: S;
  readonly help: string;
  readonly answer: (request: z.output<S>, about: C) => Answer | Refusal;
}

/** Makes an operation on a whole session of its parts. `answer` gets what the schema lets through. */
export const sessionOperation = <S extends AnySchema>({
  schema,
  help,
  answer,
}: Parts<S, Talk>): Operation => {
  const name = schema.shape.op.value;
  return {
    name,
    help,
    schema,
    answerTo: (request, talk) => {
      const parsed = schema.safeParse(request);
      return parsed.success ? answer(parsed.data, talk) : refuse(`${name}: ${issueText(parsed.error)}`);
    },
  };
};

/** An operation on page states as the seed has them, or on none. */
export const operation = <S extends AnySchema>({ answer, ...parts }: Parts<S, Conversation>): Operation =>
  sessionOperation({ ...parts, answer: (request, { conversation }) => answer(request, conversation) });

/** An operation on a machine on which shares are counted. */
export const countedOperation = <S extends AnySchema>({
  answer,
  ...parts
}: Parts<S, CountedTalk>): Operation =>
  sessionOperation({
    ...parts,
    answer: (request, { counted }) =>
      counted === undefined
        ? refuse(`${parts.schema.shape.op.value}: hello named no implementation that counts`)
        : answer(request, counted),
  });

/** What is wrong in a request. */
export const refuse = (message: string): Refusal => new Refusal({ code: 'schema', message });
