import { describe, expect, test } from 'vitest';
import { explore } from '../../../checker/index.ts';
import { argumentChecks, type CallRules, leafChecks, rulesWith } from '../../../model/pkvm/index.ts';
import { normative } from '../../../oracle/implementations/index.ts';
import { type Candidates, candidatesOf, step, type Verdict } from '../../../oracle/step/index.ts';
import { comparedWith } from '../../../systems/equivalence.ts';
import { ownership } from '../../../systems/ownership/index.ts';
import { ownershipMutants } from '../../../systems/ownership/mutants.ts';
import {
  Implementation,
  randomCall,
  randomFrom,
  smallWorld,
  type World,
} from '../../arbitraries/pkvm-implementation.ts';

const seed = 20261121;
const checkNames: ReadonlySet<string> = new Set(
  [...argumentChecks.filter(({ asked }) => asked === 'first'), ...leafChecks].map(({ name }) => name),
);

test(`30,000 random calls of the specification itself, some failing for want of memory, are never forbidden (seed ${seed})`, () => {
  const random = randomFrom(seed);
  const world = smallWorld();
  const counts = { allowed: 0, forbidden: 0, unknown: 0, 'out-of-scope': 0 };
  let [loose, calls] = [0, 0];
  for (let run = 0; run < 300; run++) {
    const implementation = new Implementation(world);
    let candidates = candidatesOf(world.machine, normative);
    for (let i = 0; i < 100; i++) {
      const named = randomCall(world, random);
      const ret = implementation.call(named, random() < 0.2 ? 'exhausted' : 'available');
      const seen = implementation.leaves().filter(() => random() < 0.3);
      const event = {
        kind: 'call',
        ...named,
        ...(random() < 0.9 ? { ret } : {}),
        ...(random() < 0.3 ? { leaves: seen } : {}),
      } as const;
      const next = step(candidates, event);
      counts[next.verdict.verdict]++;
      if (next.verdict.isLoose) loose++;
      candidates = next.candidates;
      calls++;
    }
  }
  expect(calls).toBe(30_000);
  expect(counts).toEqual({ allowed: 30_000, forbidden: 0, unknown: 0, 'out-of-scope': 0 });
  expect(loose).toBeGreaterThan(90);
});

/** Runs an implementation until the oracle forbids something. */
function firstForbidden(world: World, rules: CallRules): Verdict | undefined {
  const random = randomFrom(seed);
  for (let run = 0; run < 80; run++) {
    const implementation = new Implementation(world, rules);
    let candidates: Candidates = candidatesOf(world.machine, normative);
    for (let i = 0; i < 40; i++) {
      const named = randomCall(world, random);
      const ret = implementation.call(named, random() < 0.1 ? 'exhausted' : 'available');
      const { verdict, candidates: next } = step(candidates, {
        kind: 'call',
        ...named,
        ret,
        leaves: implementation.leaves(),
      });
      if (verdict.verdict === 'forbidden') return verdict;
      candidates = next;
    }
  }
  return undefined;
}

/** Whether no call in any reachable state tells the mutant from the specification: compared step by step, exhaustively. */
async function isEquivalent(name: string): Promise<boolean> {
  const { parameters = {} } =
    ownership.profiles.find(profile => profile.name === ownership.mutantProfile) ?? {};
  const both = comparedWith(ownership.build(parameters), ownership.build(parameters, name));
  if (both === undefined) return false;
  const { result, twin } = await explore(both);
  return result === 'pass' && twin?.disagreement === undefined;
}

describe('a mutant of ownership is called forbidden, by the rule that it breaks', () => {
  for (const { name, parts, firstGuestId } of ownershipMutants) {
    test(name, async () => {
      const verdict = firstForbidden(smallWorld(firstGuestId), rulesWith(parts));
      if (verdict === undefined) {
        expect(await isEquivalent(name), 'never forbidden, and not proved equivalent').toBe(true);
        return;
      }
      expect(verdict.verdict).toBe('forbidden');
      const checks = parts.filter(rule => checkNames.has(rule));
      if (checks.length > 0) expect(checks).toContain(verdict.rule);
    });
  }
});

test('a mutant that writes a wrong word is only seen by looking at leaves, and the difference names the leaf', () => {
  const verdict = firstForbidden(smallWorld(), rulesWith(['share.complete.guest:write']));
  expect(verdict?.rule).toBe('complete');
  expect(verdict?.differences).toEqual([
    {
      at: expect.stringMatching(/^guest 3 0x1[01]000$/) as string,
      observed: expect.stringContaining('SHARED_BORROWED') as string,
      allowed: expect.stringContaining('SHARED_BORROWED') as string,
    },
  ]);
});
