import { addressHex, maskOf } from '../../model/bits/index.ts';
import {
  type Access,
  type Cpu,
  normative as normativeRules,
  type Outcome,
  translate,
  type WalkRules,
} from '../../model/ept/index.ts';
import { readings } from '../../model/ept/readings.ts';
import { rulesWith } from '../../model/ept/rules.ts';
import { sparseMemory } from '../../model/memory/index.ts';
import type { Implementation } from '../implementations/index.ts';
import { verdictOf } from './verdict-of.ts';
import type { Difference, Verdict } from './verdict.ts';

/** An access by the hardware's own tables, and what was seen of its outcome. */
export interface WalkEvent {
  readonly cpu: Cpu;
  readonly access: Access;
  readonly seen?:
    | {
        readonly kind?: string | undefined;
        readonly exitReason?: number | undefined;
        readonly qualification?: bigint | undefined;
      }
    | undefined;
}

/** The rules of the walk that an implementation stands for: each reading by its name. */
function rulesOfImplementation({ spp }: Implementation): WalkRules {
  const names = [
    ...(spp.notPresentVsReserved === 'misconfig' ? ['reserved-before-valid'] : []),
    ...(spp.crossing === 'first' ? ['first-sub-page-only'] : []),
    ...(spp.writeBit === 'leaf' ? ['leaf-write-bit'] : []),
  ];
  return names.length === 0
    ? normativeRules
    : rulesWith(readings.filter(({ name }) => names.includes(name)));
}

/** What was seen of an outcome, against the walk over the words that are known. */
export function stepWalk(
  { cpu, access, seen }: WalkEvent,
  words: ReadonlyMap<bigint, bigint>,
  implementation: Implementation,
): { readonly verdict: Verdict; readonly outcome: Outcome } {
  const outcome = translate(sparseMemory(words), cpu, access, rulesOfImplementation(implementation));
  if (outcome.kind === 'unknown') {
    const why = `the ${outcome.table} entry at ${addressHex(outcome.address)} is not known`;
    return { outcome, verdict: verdictOf('unknown', 'walk', why) };
  }
  const differences = differencesOf(outcome, seen);
  const why = `the tables give ${outcome.kind.replaceAll('_', ' ')}`;
  return {
    outcome,
    verdict: verdictOf(differences.length > 0 ? 'forbidden' : 'allowed', 'walk', why, { differences }),
  };
}

const allBits = maskOf({ hi: 63, lo: 0 });

function differencesOf(outcome: Outcome, seen: WalkEvent['seen']): readonly Difference[] {
  if (seen === undefined) return [];
  const differences: Difference[] = [];
  const compare = (at: string, observed: string | undefined, allowed: string): void => {
    if (observed !== undefined && observed !== allowed) differences.push({ at, observed, allowed });
  };
  compare('kind', seen.kind, outcome.kind);
  compare(
    'exitReason',
    seen.exitReason?.toString(),
    'exitReason' in outcome ? String(outcome.exitReason) : 'none',
  );
  const defined = 'undefinedBits' in outcome ? allBits - outcome.undefinedBits : allBits;
  const expected = 'qualification' in outcome ? outcome.qualification : 0n;
  if (seen.qualification !== undefined)
    compare('qualification', addressHex(seen.qualification & defined), addressHex(expected & defined));
  return differences;
}
