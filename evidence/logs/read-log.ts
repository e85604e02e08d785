import { isAboutTheLog, lostEvents, openEnvelope } from './envelope.ts';
import { isSilent, type KvmEvent, readKvmEvent } from './kvm-event.ts';
import { type OwnLine, ownBody, readOwnLine, resemblesOurs } from './own-line.ts';

/** Who a kvm event is of, as far as the tracer prints it. */
export interface Origin {
  readonly thread?: number;
  readonly process?: number;
}

/** What one line of a log is. */
export type LogLine =
  | { readonly kind: 'own'; readonly line: OwnLine; readonly hasSum: boolean }
  | { readonly kind: 'kvm'; readonly event: KvmEvent; readonly of: Origin }
  | { readonly kind: 'host-refused'; readonly address: bigint }
  | { readonly kind: 'gap'; readonly lost: number }
  /** Understood, with nothing in it to check. */
  | { readonly kind: 'passed' }
  /** About the log itself. */
  | { readonly kind: 'blank' }
  /** One of our own lines, damaged: what it told is missing. */
  | { readonly kind: 'damaged'; readonly why: string }
  | { readonly kind: 'unparsed'; readonly why: string };

/** What pKVM prints when the host touches memory that is not its own. facts/oracle.md 4.2, "error prints". */
const hostRefused =
  /(?:not handle for memory address|Host access protected memory:) 0x([0-9a-f]{1,16})(?![0-9a-z])/;

/** Reads one line of any log. */
export function readLogLine(line: string): LogLine {
  const own = ownBody(line);
  if (own !== undefined) {
    const read = readOwnLine(own);
    return read.ok
      ? { kind: 'own', line: read.line, hasSum: read.hasSum }
      : { kind: 'damaged', why: `a line of ours that cannot be read: ${read.why}` };
  }
  const lost = lostEvents(line);
  if (lost !== undefined) return { kind: 'gap', lost };
  const refused = hostRefused.exec(line);
  if (refused?.[1] !== undefined) return { kind: 'host-refused', address: BigInt(`0x${refused[1]}`) };
  const enveloped = openEnvelope(line);
  const event = enveloped?.event;
  const read = event === undefined ? undefined : readKvmEvent(event, enveloped?.body ?? '');
  if (read !== undefined) return { kind: 'kvm', event: read, of: originOf(enveloped) };
  if (resemblesOurs(line))
    return { kind: 'damaged', why: 'it looks like a line of ours with a damaged marker' };
  if (isAboutTheLog(line)) return { kind: 'blank' };
  if (enveloped === undefined)
    return { kind: 'unparsed', why: 'no envelope of ftrace, trace-cmd, perf or the kernel log' };
  return event === undefined || isSilent(event) || !event.startsWith('kvm')
    ? { kind: 'passed' }
    : { kind: 'unparsed', why: `the body of ${event} is not one that is known` };
}

const originOf = (enveloped: Origin | undefined): Origin => ({
  ...(enveloped?.thread === undefined ? {} : { thread: enveloped.thread }),
  ...(enveloped?.process === undefined ? {} : { process: enveloped.process }),
});
