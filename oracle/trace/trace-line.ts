import { readJson } from '../../evidence/json-text.ts';

/** The forms of a trace. `json`: requests, or sequences of calls, one a line. `log`: what tracers and kernels print. */
export const traceFormats = ['json', 'log'] as const;
export type TraceFormat = (typeof traceFormats)[number];

/** What one line of JSON asks. */
export type JsonLine =
  | { readonly kind: 'requests'; readonly requests: readonly unknown[] }
  | { readonly kind: 'blank' }
  | { readonly kind: 'damaged'; readonly why: string };

/** The form of a trace, from its first line that is not blank. */
export const formatOf = (line: string): TraceFormat => (/^\s*\{/.test(line) ? 'json' : 'log');

/** Comments are passed over, unless they look like a request whose brace was lost. */
const isComment = (line: string): boolean =>
  /^\s*(?:#|\/\/|$)/.test(line) && !/"(?:op|name|calls)"/.test(line);

/** Reads one line of a trace in JSON. */
export function readJsonLine(line: string): JsonLine {
  if (isComment(line)) return { kind: 'blank' };
  const json = readJson(line);
  if (!json.ok) return { kind: 'damaged', why: json.why };
  const { value } = json;
  if (typeof value === 'object' && value !== null && 'calls' in value && Array.isArray(value.calls))
    return { kind: 'requests', requests: sequence({ ...value, calls: value.calls as unknown[] }) };
  return { kind: 'requests', requests: [value] };
}

/** A sequence of calls, as vectors hold them: its machine, then its calls. */
function sequence({
  calls,
  ...machine
}: { readonly calls: readonly unknown[] } & Readonly<Record<string, unknown>>): readonly unknown[] {
  const fields = ['ram', 'vms', 'pages', 'gpas', 'hypervisor'].filter(
    field => machine[field] !== undefined,
  );
  return [{ op: 'hello', ...Object.fromEntries(fields.map(field => [field, machine[field]])) }, ...calls];
}
