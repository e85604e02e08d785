import { type OperationName, operations, PAGE_SIZE, viewOf } from '../../model/pkvm/index.ts';
import { advance } from './advance.ts';
import { strictBranches } from './branch.ts';
import { type Candidates, wordsOf } from './candidates.ts';
import { focused } from './focus.ts';
import type { Table } from './machine.ts';
import type { NamedCall } from './named-call.ts';
import type { SilentStep } from './verdict.ts';

/** At most so many calls are tried at each place where one may have gone unlogged. */
const maxTried = 64;

interface Place {
  readonly vm: number;
  readonly gpa: bigint;
  readonly hpa: bigint;
}

/** Where a guest maps a page, by the shared words. */
function mappings({ shared }: Candidates): readonly Place[] {
  return [...shared.runs()].flatMap(({ table, address, word }) => {
    if (table === 'host' || word === 'unknown') return [];
    const { isPresent, page } = viewOf(word);
    return isPresent ? [{ vm: table, gpa: address, hpa: page }] : [];
  });
}

/** The calls that could have happened unlogged and touch one of the leaves that an event is about. */
function plausible(
  candidates: Candidates,
  about: readonly { table: Table; address: bigint }[],
): NamedCall[] {
  const hostPages = new Set(about.flatMap(({ table, address }) => (table === 'host' ? [address] : [])));
  const guestPages = about.flatMap(({ table, address }) =>
    table === 'host' ? [] : [{ vm: table, gpa: address }],
  );
  const mapped = mappings(candidates).filter(
    ({ vm, gpa, hpa }) =>
      hostPages.has(hpa) || guestPages.some(guest => guest.vm === vm && guest.gpa === gpa),
  );
  for (const { hpa } of mapped) hostPages.add(hpa);
  const unmapped = guestPages.flatMap(guest => [...hostPages].map(hpa => ({ ...guest, hpa })));
  const make = (name: OperationName): NamedCall[] => {
    const size = PAGE_SIZE;
    switch (operations[name].names) {
      case 'hpa':
        return [...hostPages].map(hpa => ({ name, args: { hpa, size } }));
      case 'gpa':
        return mapped.map(({ vm, gpa }) => ({ name, args: { vm, gpa, size } }));
      case 'hpa and gpa':
        return [...mapped, ...unmapped].map(place => ({ name, args: { ...place, size } }));
    }
  };
  return candidates.implementation.silent.operations.flatMap(make).slice(0, maxTried);
}

/**
 * Looks for the fewest unlogged calls after which `explains` finds the event possible. Breadth first, at most as
 * many as the implementation allows.
 */
export function explainBySilentSteps<T>(
  candidates: Candidates,
  about: readonly { table: Table; address: bigint }[],
  explains: (after: Candidates) => T | undefined,
): { readonly inserted: readonly SilentStep[]; readonly result: T } | undefined {
  let level: { readonly at: Candidates; readonly inserted: readonly SilentStep[] }[] = [
    { at: candidates, inserted: [] },
  ];
  for (let depth = 0; depth < candidates.implementation.silent.max; depth++) {
    const next: typeof level = [];
    for (const { at, inserted } of level) {
      for (const named of plausible(at, about)) {
        const looked = focused(at, focus => strictBranches(focus, named));
        if ('tooMany' in looked) continue;
        const done = looked.result.filter(
          ({ outcome: { result, needs, writes } }) =>
            result === 0 && needs.length === 0 && writes.length > 0,
        );
        if (done.length === 0) continue;
        const after = advance(
          looked.focus,
          done.map(({ to }) => to),
        );
        const steps = [...inserted, { name: named.name, args: named.args }];
        const result = explains(after);
        if (result !== undefined) return { inserted: steps, result };
        next.push({ at: after, inserted: steps });
      }
    }
    level = next.slice(0, maxTried);
  }
  return undefined;
}

/** Whether every candidate knows the same word, for those who ask before they tell. */
export const agreedWord = (candidates: Candidates, table: Table, address: bigint): bigint | undefined => {
  const [word, ...others] = wordsOf(candidates, table, address);
  return others.length > 0 || word === undefined || word === 'unknown' ? undefined : word;
};
