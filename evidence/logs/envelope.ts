/** One line of a log without what its producer puts around it. Shapes: facts/oracle.md 4.1, 4.3. */
export interface Enveloped {
  readonly cpu?: number;
  /** `kvm_page_fault`; absent for text that is no event. */
  readonly event?: string;
  readonly body: string;
}

const ftrace =
  /^\s*\S.{0,63}?-\d+\s+(?:\(\s*(?:\d+|-+)\)\s+)?\[(\d+)\]\s+(?:[.\w#+-]{4,8}\s+)?\d+\.\d+:\s+(?:\w+:)?(\w+):\s*(.*)$/;
const perf = /^\s*\S.{0,63}?\s+\d+(?:\/\d+)?\s+\[(\d+)\]\s+\d+\.\d+:\s+(?:\d+\s+)?\w+:(\w+):\s*(.*)$/;
const kernelLog = /^(?:<\d+>)?\[\s*\d+\.\d+\]\s*(?:\[[^\]]*\]\s*)?(.*)$/;
const bareEvent = /^\s*(?:kvm|kvmmmu):(\w+):\s*(.*)$/;

/** Takes the envelope off: ftrace, `trace-cmd report`, `perf script`, the kernel log, or an event by itself. */
export function openEnvelope(line: string): Enveloped | undefined {
  const traced = ftrace.exec(line) ?? perf.exec(line);
  if (traced?.[2] !== undefined && traced[3] !== undefined)
    return { cpu: Number(traced[1]), event: traced[2], body: traced[3] };
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
  const match = /CPU:\s*\d+ \[(?:LOST (\d+) EVENTS|EVENTS DROPPED|(\d+) EVENTS DROPPED)\]/.exec(line);
  return match === null ? undefined : Number(match[1] ?? match[2] ?? 0);
}
