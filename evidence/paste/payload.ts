import type { Payload } from './fact.ts';

/** Marks of quotation that a mail program puts in front of lines. */
const quotation = /^(?:\s{0,3}>\s?)+/;

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

const ftrace =
  /^\s*(\S.{0,63}?-\d+)\s+(?:\(\s*(?:\d+|-+)\)\s+)?\[(\d+)\]\s+(?:[.\w#+-]{4,8}\s+)?\d+\.\d+:\s+(?:\w+:)?(\w+):\s*(.*)$/;
const perf = /^\s*(\S.{0,63}?\s+\d+(?:\/\d+)?)\s+\[(\d+)\]\s+\d+\.\d+:\s+(?:\d+\s+)?\w+:(\w+):\s*(.*)$/;

/** A line of a tracer, opened. */
function traced(text: string): Omit<Payload, 'number'> | undefined {
  const match = ftrace.exec(text) ?? perf.exec(text);
  if (match === null) return undefined;
  const [, task = '', cpu = '', event = '', body = ''] = match;
  return { text: body, event, task: `${task.replace(/\s+/g, ' ').trim()} [${cpu}]` };
}

/** Whether a line can only be the rest of the one before: a tracer's line ended in the middle of its event. */
const isOpen = (text: string): boolean => {
  const event = traced(text);
  return (
    event !== undefined &&
    (event.text === '' || /(?:reason|address|rip|info|error_code|vcpu)$/.test(event.text))
  );
};

/**
 * Takes quotation, envelopes and prefixes off, and joins lines that a mail program has wrapped. Long lines are cut: no
 * format that is read has them.
 */
export function* payloadsOf(lines: Iterable<string>): Generator<Payload> {
  let number = 0;
  let open: { readonly number: number; readonly text: string } | undefined;
  for (const raw of lines) {
    number++;
    const text = raw.slice(0, maxLine).replace(quotation, '').replace(/\s+$/, '');
    if (open !== undefined && traced(text) === undefined && text !== '') {
      yield opened(open.number, `${open.text} ${text.trim()}`);
      open = undefined;
      continue;
    }
    if (open !== undefined) yield opened(open.number, open.text);
    open = isOpen(text) ? { number, text } : undefined;
    if (open === undefined) yield opened(number, text);
  }
  if (open !== undefined) yield opened(open.number, open.text);
}
const maxLine = 4096;

function opened(number: number, text: string): Payload {
  const event = traced(text);
  if (event !== undefined) return { number, ...event };
  const rest = prefixes.reduce((line, prefix) => line.replace(prefix, ''), text.trimStart());
  return { number, text: rest };
}
