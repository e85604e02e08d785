import { capabilityLines } from './capability-lines.ts';
import { type LogLine, readLogLine } from '../logs/read-log.ts';
import { ownBody } from '../logs/own-line.ts';
import type { Fact, LineReader, Payload } from './fact.ts';
import { kvmMisconfiguration, kvmReservedBits, kvmSetSpte, kvmSpteList, xenEpte } from './hierarchies.ts';
import { bhyve, dune, keyValues } from './key-values.ts';
import { amd, kvmTrace } from './kvm-trace.ts';
import { ownLines } from './own-lines.ts';
import { payloadsOf } from './payload.ts';
import { pkvmPrints } from './pkvm-prints.ts';
import { vmcsDump } from './vmcs-dump.ts';

export {
  type Fact,
  type FactContent,
  hexOf,
  type LineReader,
  type PkvmPrint,
  type VmcsField,
} from './fact.ts';

/** Every format of lines that is read, the stricter before the looser: a line is of the first that takes it. */
export const lineReaders: readonly LineReader[] = [
  ownLines,
  kvmSetSpte,
  kvmTrace,
  kvmReservedBits,
  kvmMisconfiguration,
  kvmSpteList,
  xenEpte,
  vmcsDump,
  capabilityLines,
  pkvmPrints,
  dune,
  keyValues,
  bhyve,
  amd,
];

/** One line of a log, read as `oracle check` reads it. */
export interface LoggedEvent {
  readonly line: number;
  readonly text: string;
  readonly read: LogLine;
}

/** What a text was recognised as. */
export interface Reading {
  readonly facts: readonly Fact[];
  /** What can be judged event by event: of KVM, of pKVM and of our own lines. */
  readonly events: readonly LoggedEvent[];
  /** How many lines each format has. */
  readonly recognised: ReadonlyMap<string, number>;
  /** Lines with something in them that no reader takes. */
  readonly passed: number;
}

/** More facts than anybody pastes: what follows is counted, not kept. */
const maxFacts = 200_000;

/** Reads every line of a text, whatever it is: facts, and nothing judged. */
export function readPaste(lines: Iterable<string>): Reading {
  const facts: Fact[] = [];
  const events: LoggedEvent[] = [];
  const recognised = new Map<string, number>();
  let passed = 0;
  for (const payload of payloadsOf(lines)) {
    if (payload.text === '' && payload.event === undefined) continue;
    let isRead = false;
    const event = eventOf(payload);
    if (event !== undefined && events.length < maxFacts) events.push(event);
    for (const reader of lineReaders) {
      const found = reader.read(payload);
      if (found === undefined) continue;
      recognised.set(reader.name, (recognised.get(reader.name) ?? 0) + 1);
      if (facts.length < maxFacts)
        facts.push(...found.map(content => ({ ...content, line: payload.number, by: reader.name })));
      isRead = true;
      break;
    }
    if (!isRead) passed++;
  }
  return { facts, events, recognised, passed };
}

/** Lines that are no events tell nothing; what merely resembles a line of ours is not claimed. */
function eventOf({ number, line, event }: Payload): LoggedEvent | undefined {
  const isOurs = ownBody(line) !== undefined;
  const read = readLogLine(line);
  const isEvent = ['own', 'kvm', 'gap', 'host-refused'].includes(read.kind);
  const isLost = (read.kind === 'damaged' && isOurs) || (read.kind === 'unparsed' && event !== undefined);
  return isEvent || isLost ? { line: number, text: line, read } : undefined;
}
