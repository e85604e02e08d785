import { readLogLine } from '../../evidence/logs/read-log.ts';
import type { KvmEvent } from '../../evidence/logs/kvm-event.ts';

/** The forms of a trace. `json`: requests, or sequences of calls, one a line. `log`: what tracers and kernels print. */
export const traceFormats = ['json', 'log'] as const;
export type TraceFormat = (typeof traceFormats)[number];

/** What one line of a trace asks the session. */
export type TraceItem =
  | { readonly kind: 'requests'; readonly requests: readonly unknown[] }
  | { readonly kind: 'kvm'; readonly event: KvmEvent }
  | { readonly kind: 'passed' }
  | { readonly kind: 'blank' }
  | { readonly kind: 'unparsed'; readonly why: string };

/** The form of a trace, from its first line that is not blank. */
export const formatOf = (line: string): TraceFormat => (/^\s*\{/.test(line) ? 'json' : 'log');

/** Reads one line in the form that the trace has. */
export function readTraceLine(line: string, format: TraceFormat): TraceItem {
  if (format === 'json') return readJsonLine(line);
  const read = readLogLine(line);
  switch (read.kind) {
    case 'request':
      return { kind: 'requests', requests: [read.request] };
    case 'gap':
      return { kind: 'requests', requests: [{ op: 'gap', lost: read.lost }] };
    case 'host-refused': {
      const address = `0x${read.address.toString(16)}`;
      return { kind: 'requests', requests: [{ op: 'violation', who: 'host', address, result: 'refused' }] };
    }
    default:
      return read;
  }
}

function readJsonLine(line: string): TraceItem {
  if (/^\s*(?:#|\/\/|$)/.test(line)) return { kind: 'blank' };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError)
      return { kind: 'unparsed', why: `not JSON: ${error.message.slice(0, 100)}` };
    throw error;
  }
  if (typeof value === 'object' && value !== null && 'calls' in value && Array.isArray(value.calls))
    return { kind: 'requests', requests: sequence({ ...value, calls: value.calls as unknown[] }) };
  return { kind: 'requests', requests: [value] };
}

/** A sequence of calls, as vectors hold them: its machine, then its calls. */
function sequence({
  calls,
  ...machine
}: { readonly calls: readonly unknown[] } & Readonly<Record<string, unknown>>): readonly unknown[] {
  const fields = ['ram', 'vms', 'pages', 'gpas'].filter(field => machine[field] !== undefined);
  return [{ op: 'hello', ...Object.fromEntries(fields.map(field => [field, machine[field]])) }, ...calls];
}
