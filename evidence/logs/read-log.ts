import { isAboutTheLog, lostEvents, openEnvelope } from './envelope.ts';
import { isSilent, type KvmEvent, readKvmEvent } from './kvm-event.ts';
import { type CanonicalLine, printkBody, readPrintk } from './printk.ts';

/** What one line of a log is. */
export type LogLine =
  | { readonly kind: 'request'; readonly request: CanonicalLine }
  | { readonly kind: 'kvm'; readonly event: KvmEvent }
  | { readonly kind: 'host-refused'; readonly address: bigint }
  | { readonly kind: 'gap'; readonly lost: number }
  /** Understood, with nothing in it to check. */
  | { readonly kind: 'passed' }
  /** About the log itself. */
  | { readonly kind: 'blank' }
  | { readonly kind: 'unparsed'; readonly why: string };

/** What pKVM prints when the host touches memory that is not its own. facts/oracle.md 4.2, "error prints". */
const hostRefused = /(?:not handle for memory address|Host access protected memory:) 0x([0-9a-f]{1,16})/;

/** Reads one line of any log. */
export function readLogLine(line: string): LogLine {
  const own = printkBody(line);
  if (own !== undefined) {
    const request = readPrintk(own);
    return typeof request === 'string' ? { kind: 'unparsed', why: request } : { kind: 'request', request };
  }
  const lost = lostEvents(line);
  if (lost !== undefined) return { kind: 'gap', lost };
  if (isAboutTheLog(line)) return { kind: 'blank' };
  const refused = hostRefused.exec(line);
  if (refused?.[1] !== undefined) return { kind: 'host-refused', address: BigInt(`0x${refused[1]}`) };
  const enveloped = openEnvelope(line);
  if (enveloped === undefined)
    return { kind: 'unparsed', why: 'no envelope of ftrace, trace-cmd, perf or the kernel log' };
  const { event, body } = enveloped;
  if (event === undefined) return { kind: 'passed' };
  const read = readKvmEvent(event, body);
  if (read !== undefined) return { kind: 'kvm', event: read };
  return isSilent(event) || !event.startsWith('kvm')
    ? { kind: 'passed' }
    : { kind: 'unparsed', why: `the body of ${event} is not one that is known` };
}
