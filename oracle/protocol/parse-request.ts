import type { z } from 'zod';
import { operationNames } from '../../model/pkvm/index.ts';
import { limits } from './limits.ts';
import { type OpName, opNames, type Request, requestSchemas } from './requests.ts';

/** Why a line is not answered, as the answer says it. */
export interface RequestError {
  readonly code: 'json' | 'schema' | 'state' | 'limit';
  /** What is wrong, where, and what was expected. */
  readonly message: string;
  /** The limit that was hit, by name. */
  readonly limit?: string;
}

export interface Refused {
  readonly ok: false;
  readonly id: string | number | null;
  readonly error: RequestError;
}
export type Parsed = { readonly ok: true; readonly request: Request } | Refused;

const calls: ReadonlySet<string> = new Set(operationNames);
const ops: ReadonlySet<string> = new Set(opNames);
const isOp = (name: string): name is OpName => ops.has(name);

/** Reads one line. Whatever it holds, the result is a request or one clear error. */
export function parseRequest(line: string): Parsed {
  if (line.length > limits.lineLength) return tooLong(line.length);
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return fail(null, 'json', `not JSON: ${error.message.slice(0, 160)}`);
  }
  return parseRequestValue(value);
}

/** Reads a request that is JSON already. */
export function parseRequestValue(value: unknown): Parsed {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return fail(null, 'schema', 'a request is an object with an "op"');
  return parseObject(value as Record<string, unknown>);
}

export const tooLong = (length: number): Refused => ({
  ok: false,
  id: null,
  error: {
    code: 'limit',
    limit: 'lineLength',
    message: `a line of ${length} characters; at most ${limits.lineLength} are read`,
  },
});

const fail = (id: unknown, code: RequestError['code'], message: string): Refused => ({
  ok: false,
  id: typeof id === 'number' || (typeof id === 'string' && id.length <= 256) ? id : null,
  error: { code, message },
});

function parseObject(object: Record<string, unknown>): Parsed {
  const { op } = object;
  if (typeof op !== 'string')
    return fail(object.id, 'schema', `"op" is missing: one of ${opNames.join(', ')}`);
  // A call written down as in a vector names itself.
  const named = calls.has(op) ? { ...object, op: 'call', name: op } : object;
  const isKnown = calls.has(op) ? 'call' : op;
  if (!isOp(isKnown))
    return fail(
      object.id,
      'schema',
      `no op ${JSON.stringify(op.slice(0, 40))}: one of ${opNames.join(', ')}`,
    );
  const result = requestSchemas[isKnown].safeParse(named);
  return result.success
    ? { ok: true, request: result.data }
    : fail(object.id, 'schema', `${isKnown}: ${issueText(result.error)}`);
}

/** The first thing that is wrong, with the path to it. */
export function issueText(error: z.ZodError): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'not what was expected';
  const deepest = innermost(issue);
  const path = [...issue.path, ...deepest.path].map(String).join('.');
  return `${path === '' ? '' : `${path.slice(0, 120)}: `}${deepest.message.slice(0, 300)}`;
}

/** In a union the alternative that came furthest says best what was meant. */
function innermost(issue: z.core.$ZodIssue): {
  readonly path: readonly PropertyKey[];
  readonly message: string;
} {
  if (issue.code !== 'invalid_union') return { path: [], message: issue.message };
  const candidates = issue.errors.flatMap(([first]) => (first === undefined ? [] : [first]));
  const further = candidates.filter(({ path, code }) => path.length > 0 || code !== 'invalid_type');
  const [best] = further.length > 0 ? further : candidates;
  if (best === undefined) return { path: [], message: issue.message };
  const inner = innermost(best);
  return { path: [...best.path, ...inner.path], message: inner.message };
}
