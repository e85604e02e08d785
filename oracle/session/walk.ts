import { addressHex, maskOf } from '../../model/bits/index.ts';
import {
  normative as normativeRules,
  type Outcome,
  translate,
  type WalkRules,
  outcomeJson,
} from '../../model/ept/index.ts';
import { readings } from '../../model/ept/readings.ts';
import { rulesWith } from '../../model/ept/rules.ts';
import { sparseMemory } from '../../model/memory/index.ts';
import { fromVector } from '../access/vector.ts';
import type { Implementation } from '../implementations/index.ts';
import { fetchCommand } from '../../evidence/dumps/index.ts';
import type { RequestOf } from '../protocol/requests.ts';
import { type Difference, verdictOf, type Verdict } from '../step/index.ts';

/** The rules of the walk that an implementation stands for: each reading by its name. */
export function rulesOfImplementation({ spp }: Implementation): WalkRules {
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
export function walkVerdict(
  request: RequestOf<'walk'>,
  words: ReadonlyMap<bigint, bigint>,
  implementation: Implementation,
): { readonly verdict: Verdict; readonly outcome: Outcome } {
  const { cpu, access } = fromVector({ ...request, memory: {}, id: undefined });
  const outcome = translate(sparseMemory(words), cpu, access, rulesOfImplementation(implementation));
  if (outcome.kind === 'unknown') {
    const why = `the ${outcome.table} entry at ${addressHex(outcome.address)} is not known`;
    return { outcome, verdict: verdictOf('unknown', 'walk', why) };
  }
  const differences = differencesOf(outcome, request.outcome);
  const why = `the tables give ${outcome.kind.replaceAll('_', ' ')}`;
  return {
    outcome,
    verdict: verdictOf(differences.length > 0 ? 'forbidden' : 'allowed', 'walk', why, { differences }),
  };
}

const allBits = maskOf({ hi: 63, lo: 0 });

function differencesOf(outcome: Outcome, seen: RequestOf<'walk'>['outcome']): readonly Difference[] {
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

/** The outcome and, where a word is missing, the command that fetches its page. */
export function walkJson(outcome: Outcome): Record<string, unknown> {
  if (outcome.kind !== 'unknown') return { outcome: outcomeJson(outcome) };
  const page = outcome.address - (outcome.address % 4096n);
  return {
    needs: [
      { physical: addressHex(outcome.address), bytes: 8, table: outcome.table, level: outcome.level },
    ],
    hint: fetchCommand('qemu-xp', page),
  };
}
