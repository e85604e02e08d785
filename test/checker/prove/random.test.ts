import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  disabled,
  each,
  explore,
  prove,
  type Property,
  type Read,
  type Sized,
  some,
  verdictsOf,
  type Write,
} from '../../../checker/index.ts';
import { tiny } from './tiny.ts';

/** A slot of a random system: one that all share, or one of the two kinds that each member has. */
type Place = 'shared' | 'first of x' | 'second of x' | 'first of y';
/** A number, or the name of the member that a call is about. */
type Content = 0 | 1 | 2 | 'x';

interface Command {
  readonly needs: readonly (readonly [Place, Content])[];
  /** Nobody's first slot holds this. */
  readonly nobodyHas?: 0 | 1 | 2;
  readonly makes: readonly (readonly [Place, Content])[];
  /** Everybody's second slot becomes this. */
  readonly allBecome?: 0 | 1 | 2;
}

interface Claim {
  readonly kind: 'always' | 'recoverable';
  readonly never: readonly (readonly [Place, Content])[];
}

const place = fc.constantFrom<Place>('shared', 'first of x', 'second of x', 'first of y');
const number = fc.constantFrom(0 as const, 1 as const, 2 as const);
const content = fc.constantFrom<Content>(0, 1, 2, 'x');
const facts = (max: number) => fc.array(fc.tuple(place, content), { minLength: 1, maxLength: max });
const rarely = fc.option(number, { nil: undefined, freq: 4 });
const command = fc.record({ needs: facts(3), nobodyHas: rarely, makes: facts(2), allBecome: rarely });
const claim = fc.record({
  kind: fc.constantFrom('always' as const, 'always' as const, 'recoverable' as const),
  never: facts(2),
});
const described = fc.record({
  commands: fc.array(command, { minLength: 2, maxLength: 4 }),
  claims: fc.array(claim, { minLength: 3, maxLength: 3 }),
});

const lenses = [0, 1, 2].map(wanted => (value: string | number | boolean) => value === wanted);

/** A system whose members can be exchanged, whatever its commands and claims are. */
const systemOf = (
  commands: readonly (Omit<Command, 'nobodyHas' | 'allBecome'> & {
    nobodyHas: 0 | 1 | 2 | undefined;
    allBecome: 0 | 1 | 2 | undefined;
  })[],
  claims: readonly Claim[],
): Sized =>
  tiny('random', ['member'], ({ members, slot, call }) => {
    const all = members('member');
    const shared = slot('shared', 0);
    const firsts = all.map(of => slot('first', 0, of));
    const seconds = all.map(of => slot('second', 0, of));
    const pairs = all.flatMap((x, at) => all.flatMap((y, other) => (x === y ? [] : [{ x, y, at, other }])));
    const at = (where: Place, { at: x, other: y }: { at: number; other: number }) =>
      (where === 'shared'
        ? shared
        : where === 'second of x'
          ? seconds[x]
          : firsts[where === 'first of x' ? x : y]) ?? shared;
    const is = (
      read: Read,
      facts: readonly (readonly [Place, Content])[],
      pair: (typeof pairs)[number],
    ): boolean =>
      facts.every(([where, what]) => read(at(where, pair)) === (what === 'x' ? pair.x.name : what));
    const run =
      ({ needs, nobodyHas, makes, allBecome }: (typeof commands)[number], pair: (typeof pairs)[number]) =>
      (read: Read, write: Write) => {
        if (!is(read, needs, pair)) return disabled;
        if (nobodyHas !== undefined && some(read, firsts, lenses[nobodyHas] ?? (() => true)))
          return disabled;
        if (allBecome !== undefined)
          each(
            read,
            seconds,
            one => one,
            one => write(one, allBecome),
          );
        for (const [where, what] of makes) write(at(where, pair), what === 'x' ? pair.x.name : what);
        return 'ok';
      };
    return {
      deadlock: 'off',
      actions: commands.flatMap((one, number) =>
        pairs.map(pair => call(`command ${number}`, [pair.x, pair.y], run(one, pair))),
      ),
      properties: claims.map(({ kind, never }, number): Property => ({
        kind,
        name: `claim ${number}`,
        source: 'chance',
        instances: pairs.map(pair => ({
          about: `${pair.x.name} and ${pair.y.name}`,
          holds: read => !is(read, never, pair),
        })),
      })),
    };
  });

test('what is proven of a random symmetric system, search finds true in larger ones', async () => {
  const seen = { proven: 0, open: 0, violated: 0 };
  await fc.assert(
    fc.asyncProperty(described, async ({ commands, claims }) => {
      const sized = systemOf(commands, claims);
      const verdicts = verdictsOf(await prove(sized));
      const proven = new Set(
        verdicts.filter(({ label }) => label === 'every size').map(({ name }) => name),
      );
      seen.proven += proven.size;
      seen.violated += verdicts.filter(({ label }) => label === 'violated').length;
      seen.open += verdicts.filter(
        ({ label }) => label === 'not proven' || label === 'this instance',
      ).length;
      for (const member of [3, 4]) {
        const { properties } = await explore(sized.build({ member }), { maxStates: 3000 });
        const broken = properties.filter(({ verdict }) => verdict === 'violated');
        expect(broken.filter(({ property }) => proven.has(property.name))).toEqual([]);
      }
    }),
    { numRuns: Number(process.env['RANDOM_SYSTEMS'] ?? 40) },
  );
  // neither answer is the only one
  expect(seen.proven).toBeGreaterThan(0);
  expect(seen.violated).toBeGreaterThan(0);
});
