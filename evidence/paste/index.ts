import { capabilityLines } from './capability-lines.ts';
import type { Fact, LineReader } from './fact.ts';
import { kvmMisconfiguration, kvmReservedBits, kvmSetSpte, kvmSpteList, xenEpte } from './hierarchies.ts';
import { bhyve, dune, keyValues } from './key-values.ts';
import { amd, kvmTrace } from './kvm-trace.ts';
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

/** What a text was recognised as. */
export interface Reading {
  readonly facts: readonly Fact[];
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
  const recognised = new Map<string, number>();
  let passed = 0;
  for (const payload of payloadsOf(lines)) {
    if (payload.text === '' && payload.event === undefined) continue;
    let isRead = false;
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
  return { facts, recognised, passed };
}
