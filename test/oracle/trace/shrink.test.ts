import { expect, test } from 'vitest';
import { reproduce } from '../../../oracle/trace/index.ts';
import { rulesWith } from '../../../model/pkvm/index.ts';
import { normative } from '../../../oracle/implementations/index.ts';
import { candidatesOf, type NamedCall, step } from '../../../oracle/step/index.ts';
import {
  Implementation,
  randomCall,
  randomFrom,
  smallWorld,
} from '../../arbitraries/pkvm-implementation.ts';

test('a divergence after hundreds of calls is shrunk to a handful from which no call can be left out', () => {
  const random = randomFrom(20261126);
  const world = smallWorld();
  let shrunk = 0;
  for (let run = 0; run < 15; run++) {
    const implementation = new Implementation(world, rulesWith(['donate.request.host.state']));
    let candidates = candidatesOf(world.machine, normative);
    const calls: NamedCall[] = [];
    for (let i = 0; i < 400; i++) {
      const named = randomCall(world, random);
      calls.push(named);
      const { verdict, candidates: next } = step(candidates, {
        kind: 'call',
        ...named,
        ret: implementation.call(named),
      });
      candidates = next;
      const [outcome] = verdict.allowed;
      if (verdict.verdict !== 'forbidden' || outcome === undefined) continue;
      const found = reproduce(world.machine, normative, calls, outcome);
      expect(found?.calls.at(-1)).toMatchObject({ ...named, ret: outcome.ret });
      expect(found?.calls.length).toBeLessThanOrEqual(6);
      for (const leftOut of found?.calls.slice(0, -1) ?? []) {
        const fewer = found?.calls.filter(call => call !== leftOut) ?? [];
        expect(reproduce(world.machine, normative, fewer, outcome)).toBeUndefined();
      }
      shrunk++;
      break;
    }
  }
  expect(shrunk).toBeGreaterThan(10);
});
