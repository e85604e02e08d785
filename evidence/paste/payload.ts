import { openEnvelope } from '../logs/envelope.ts';
import { type JoinedLine, LineJoiner } from '../logs/joined-lines.ts';
import type { Payload } from './fact.ts';

/** What stands in front of a line of text, from the outside to the inside. Each is taken off once. */
const prefixes: readonly RegExp[] = [
  /^<\d{1,3}>/, // priority of syslog
  /^[A-Z][a-z]{2}\s+\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? \S+ /, // syslog, journalctl
  /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\S* (?:\S+ )?(?=\S+:|\[|\S)/, // ISO time, and a host
  /^(?:kernel|[\w.@/-]+\[\d+\]): (?=\S)/, // "kernel: ", "vmm[12]: "
  /^\d\d:\d\d:\d\d\.\d+ /, // VirtualBox
  /^\[[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d(?: \d{4})?\]\s?/, // dmesg -T
  /^\[\s*\d+[.:]\d+\]\s?/, // seconds, or process and thread
  /^\(XEN\)\s?(?:\[[^\]]*\]\s?)?/,
  /^(?:kvm_intel|kvm|kvm_amd|vmx): (?=\S| )/, // the module
];

/** Long lines are cut: no format that is read has them. */
const maxLine = 4096;

/** Lines as they were written, without quotation, envelopes and prefixes. */
export function* payloadsOf(lines: Iterable<string>): Generator<Payload> {
  const joiner = new LineJoiner();
  let number = 0;
  for (const raw of lines)
    for (const line of joiner.push(raw.slice(0, maxLine).trimEnd(), ++number)) yield opened(line);
  for (const line of joiner.end()) yield opened(line);
}

function opened({ number, text: line }: JoinedLine): Payload {
  const { event, body, task } = openEnvelope(line) ?? {};
  if (event !== undefined) return { number, line, text: body ?? '', event, ...(task && { task }) };
  const text = prefixes.reduce((rest, prefix) => rest.replace(prefix, ''), line.trimStart());
  return { number, line, text };
}
