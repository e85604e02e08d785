import type { z } from 'zod';

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
