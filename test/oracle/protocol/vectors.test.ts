import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkTrace } from '../../../oracle/trace/index.ts';
import { implementationNamed, normative } from '../../../oracle/implementations/index.ts';
import { Session } from '../../../oracle/protocol/session.ts';
import { candidatesOf, step } from '../../../oracle/step/index.ts';
import { isOperationFault, rulesWith } from '../../../model/pkvm/index.ts';
import {
  Implementation,
  randomCall,
  randomFrom,
  smallWorld,
} from '../../arbitraries/pkvm-implementation.ts';

interface Sequence {
  readonly id: string;
  readonly ram: readonly [string, string];
  readonly pages: readonly string[];
  readonly gpas: readonly string[];
  readonly vms: readonly number[];
  readonly calls: readonly (Readonly<Record<string, unknown>> & {
    readonly op: string;
    readonly ret: number;
    readonly leaves: Readonly<Record<string, readonly string[]>>;
  })[];
}

const file = join(import.meta.dirname, '../../golden/vectors/pkvm-calls-sample.jsonl');
const lines = readFileSync(file, 'utf8').trim().split('\n');
const sequences = lines.map(line => JSON.parse(line) as Sequence);

const asBuilt = implementationNamed('rfc7-as-built') ?? normative;

for (const implementation of [normative, asBuilt]) {
  test(`every call of the sample is allowed by ${implementation.name}, with its result and every leaf`, () => {
    const { summary, unparsed, forbidden } = checkTrace(lines, { implementation });
    expect(forbidden).toEqual([]);
    expect(unparsed.count).toBe(0);
    expect(summary).toMatchObject({ events: 192, allowed: 192, unknown: 0 });
  });
}

test('a client that asks call by call is told the result, the words that change, and then reads them', () => {
  for (const { ram, vms, pages, gpas, calls } of sequences) {
    const session = new Session();
    const ask = (request: object): Record<string, unknown> => session.answerLine(JSON.stringify(request));
    expect(ask({ op: 'hello', protocol: 1, profile: 'seed-004', machine: { ram: [ram], vms } }).ok).toBe(
      true,
    );
    for (const { op, ret, leaves, tlb, partial, ...args } of calls) {
      expect([typeof tlb, typeof partial]).toEqual(['object', 'boolean']);
      const answer = ask({ op: 'call', name: op, args });
      expect(answer).toMatchObject({ ok: true, ret });
      for (const [table, words] of Object.entries(leaves)) {
        const addresses = table === 'host' ? pages : gpas;
        words.forEach((word, at) => {
          const where = table === 'host' ? 'host' : Number(table);
          expect(ask({ op: 'read', table: where, address: addresses[at] })).toMatchObject({ word });
        });
      }
    }
  }
});

/** What the early code does otherwise, by the rule that forbids it: the named choices of design.md. */
const namedChoices = [
  'arguments.size_zero',
  'arguments.aligned',
  'arguments.wrap',
  'arguments.ram',
  'arguments.prot',
  'kind.protected',
  'kind.normal',
  'donate.request.hyp.owner',
  'donate.acknowledge.host.state',
  'share.acknowledge.host.owner',
  'share.request.guest.mapped',
  'share.request.guest.state',
  'unshare.request.guest.mapped',
  'unshare.request.guest.state',
  'unshare.acknowledge.guest.page',
  'donate.request.guest.page',
];

test('where the code as built goes its own way, a named choice forbids it and its own profile allows it', () => {
  const random = randomFrom(20261122);
  const world = smallWorld();
  const rules = new Map<string, number>();
  for (let run = 0; run < 600; run++) {
    const implementation = new Implementation(
      world,
      rulesWith(asBuilt.pkvm.deviations.filter(isOperationFault)),
    );
    let [strict, own] = [candidatesOf(world.machine, normative), candidatesOf(world.machine, asBuilt)];
    for (let i = 0; i < 30; i++) {
      const named = randomCall(world, random);
      // The early code would write this address into a leaf, which cannot hold it.
      if ((named.args.hpa ?? 0n) >= 2n ** 52n) continue;
      const ret = implementation.call(named);
      const event = { kind: 'call', ...named, ret, leaves: implementation.leaves() } as const;
      const [byStrict, byOwn] = [step(strict, event), step(own, event)];
      [strict, own] = [byStrict.candidates, byOwn.candidates];
      expect(byOwn.verdict, JSON.stringify(byOwn.verdict.differences)).toMatchObject({
        verdict: 'allowed',
      });
      if (byStrict.verdict.verdict !== 'forbidden') continue;
      rules.set(byStrict.verdict.rule, (rules.get(byStrict.verdict.rule) ?? 0) + 1);
      break;
    }
  }
  const others = [...rules.keys()].filter(rule => !namedChoices.includes(rule));
  expect(others).toEqual([]);
  expect(rules.size).toBeGreaterThan(8);
});
