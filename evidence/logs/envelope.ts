/** One line of a log without what its producer puts around it. Shapes: facts/oracle.md 4.1, 4.3. */
export interface Enveloped {
  readonly cpu?: number;
  /** The number of the thread that an event happened in, and of its process where the tracer prints it. */
  readonly thread?: number;
  readonly process?: number;
  /** The task as the tracer prints it, and its processor: `exe-110348 [006]`. */
  readonly task?: string;
  /** `kvm_page_fault`; absent for text that is no event. */
  readonly event?: string;
  readonly body: string;
}

const ftrace =
  /^\s*(\S.{0,63}?)-(\d+)\s+(?:\(\s*(\d+|-+)\)\s+)?\[(\d+)\]\s+(?:[.\w#+-]{4,8}\s+)?\d+\.\d+:\s+(?:\w+:)?(\w+):\s*(.*)$/;
const perf = /^\s*(\S.{0,63}?)\s+(\d+)(?:\/(\d+))?\s+\[(\d+)\]\s+\d+\.\d+:\s+(?:\d+\s+)?\w+:(\w+):\s*(.*)$/;
const kernelLog = /^(?:<\d+>)?\[\s*\d+\.\d+\]\s*(?:\[[^\]]*\]\s*)?(.*)$/;
const bareEvent = /^\s*(?:kvm|kvmmmu):(\w+):\s*(.*)$/;

/** Takes the envelope off: ftrace, `trace-cmd report`, `perf script`, the kernel log, or an event by itself. */
export function openEnvelope(line: string): Enveloped | undefined {
  const traced = ftrace.exec(line);
  if (traced !== null) {
    const [, name = '', thread = '', process = '', cpu = '', event = '', body = ''] = traced;
    return {
      cpu: Number(cpu),
      thread: Number(thread),
      ...(/^\d/.test(process) ? { process: Number(process) } : {}),
      task: `${name}-${thread} [${cpu}]`,
      event,
      body,
    };
  }
  const scripted = perf.exec(line);
  if (scripted !== null) {
    // `PID/TID`, or the number of the thread alone
    const [, name = '', first = '', second, cpu = '', event = '', body = ''] = scripted;
    return {
      cpu: Number(cpu),
      thread: Number(second ?? first),
      ...(second === undefined ? {} : { process: Number(first) }),
      task: `${name} ${second === undefined ? first : `${first}/${second}`} [${cpu}]`,
      event,
      body,
    };
  }
  const logged = kernelLog.exec(line);
  if (logged?.[1] !== undefined) return { body: logged[1] };
  const bare = bareEvent.exec(line);
  return bare?.[1] === undefined || bare[2] === undefined ? undefined : { event: bare[1], body: bare[2] };
}

/** Lines that a tracer writes about itself. */
export const isAboutTheLog = (line: string): boolean =>
  /^\s*$|^\s*#|^cpus=\d+\s*$|^\s*CPU \d+ is empty\s*$|^version = \d|^-+$/.test(line);

/** How many events a tracer says it lost here. */
export function lostEvents(line: string): number | undefined {
  if (!line.includes('CPU:')) return undefined;
  const match = /CPU:\s*\d+ \[(?:LOST (\d+) EVENTS|EVENTS DROPPED|(\d+) EVENTS DROPPED)\]/.exec(line);
  return match === null ? undefined : Number(match[1] ?? match[2] ?? 0);
}
