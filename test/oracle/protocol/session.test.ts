import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normative } from '../../../oracle/implementations/index.ts';
import { limits } from '../../../oracle/protocol/limits.ts';
import { Conversation } from '../../../oracle/conversation/index.ts';
import { Session } from '../../../oracle/protocol/session.ts';
import {
  Implementation,
  randomCall,
  randomFrom,
  smallWorld,
} from '../../arbitraries/pkvm-implementation.ts';

const seed = 20261123;

type Answer = Record<string, unknown>;
const ask = (session: Session, request: object): Answer => session.answerLine(JSON.stringify(request));

const hello = {
  op: 'hello',
  protocol: 1,
  machine: {
    ram: [['0x0', '0x200000']],
    vms: [
      { id: 2, kind: 'protected' },
      { id: 3, kind: 'normal' },
    ],
  },
};
const started = (): Session => {
  const session = new Session();
  ask(session, hello);
  return session;
};
const donate = {
  op: 'call',
  name: 'host_donate_guest',
  vm: 2,
  hpa: '0x3000',
  gpa: '0x8000',
  size: '0x1000',
};

describe('a session', () => {
  test('echoes the id, names the implementation by hash in every verdict, and lists its ops', () => {
    const session = new Session();
    const greeting = ask(session, { id: 'a', ...hello, implementation: 'seed-004' });
    expect(greeting).toMatchObject({ id: 'a', ok: true, protocol: 1, implementation: 'seed-004' });
    expect(greeting.dialect).toMatch(/^[0-9a-f]{16}$/);
    expect(ask(session, { id: 7, ...donate }).dialect).toBe(greeting.dialect);
    expect(ask(session, { id: null, op: 'end' })).toMatchObject({ id: null, ok: true });
  });

  test('tells implementations apart by their hash', () => {
    const hashes = ['seed-004', 'rfc7-as-built', 'spp-v12'].map(
      implementation => ask(new Session(), { ...hello, implementation }).dialect,
    );
    expect(new Set(hashes).size).toBe(3);
  });

  test('takes "profile", the old name of "implementation"', () => {
    expect(ask(new Session(), { ...hello, profile: 'spp-v12' })).toMatchObject({
      implementation: 'spp-v12',
      profile: 'spp-v12',
    });
    expect(ask(new Session(), { ...hello, profile: 'spp-seed' }).implementation).toBe('seed-004');
  });

  test('refuses an implementation that leaves a key out or has one too many', () => {
    const { silent, ...rest } = normative;
    expect(silent.max).toBe(0);
    expect(ask(new Session(), { ...hello, profile: rest })).toMatchObject({
      ok: false,
      error: { code: 'schema', message: expect.stringContaining('profile') as string },
    });
    const more = { ...normative, colour: 'red' };
    expect(ask(new Session(), { ...hello, profile: more }).ok).toBe(false);
    const unknown = { ...normative, pkvm: { ...normative.pkvm, deviations: ['no.such.check'] } };
    expect(ask(new Session(), { ...hello, profile: unknown }).ok).toBe(false);
    expect(ask(new Session(), { ...hello, profile: normative }).ok).toBe(true);
  });

  test('applies a call without a result, and takes a call by its own name', () => {
    const session = started();
    const { name, ...args } = donate;
    expect(ask(session, { ...args, op: name })).toMatchObject({
      ret: 0,
      errno: null,
      rule: 'complete',
      writes: [
        { table: 'host', address: '0x3000', before: '0x0100000000003037', after: '0x0000000000002000' },
        { table: 2, address: '0x8000', before: '0x0000000000000000', after: '0x0100000000003007' },
      ],
    });
    expect(ask(session, donate)).toMatchObject({ ret: -1, errno: 'EPERM', writes: [] });
  });

  test('forbids a result, says what is allowed and by which rule, and condemns nothing that follows for it', () => {
    const session = started();
    ask(session, donate);
    const answer = ask(session, {
      op: 'call',
      name: 'hyp_donate_host',
      hpa: '0x3000',
      size: '0x1000',
      ret: 0,
    });
    expect(answer).toMatchObject({
      verdict: 'forbidden',
      rule: 'donate.request.hyp.owner',
      ret: -1,
      errno: 'EPERM',
      differences: [{ at: 'ret', observed: '0', allowed: '-EPERM' }],
      resync: { assumed: 'unknown', leaves: 1 },
    });
    expect(ask(session, { op: 'read', table: 'host', address: '0x3000' }).possible).toEqual(['unknown']);
    const again = { op: 'call', name: 'host_donate_hyp', hpa: '0x3000', size: '0x1000', ret: 0 };
    expect(ask(session, again).verdict).toBe('unknown');
    expect(ask(session, { ...again, name: 'hyp_donate_host' }).verdict).toBe('allowed');
  });

  test('reads no leaf of a VM that nobody declared', () => {
    const read = { op: 'read', table: 9, address: '0x8000' };
    expect(ask(started(), read)).toMatchObject({
      ok: false,
      error: { code: 'state', message: 'read: hello declared no VM 9' },
    });
    expect(ask(started(), { ...read, table: 2 })).toMatchObject({ ok: true, leaf: 'unmapped' });
    expect(ask(new Session(), read)).toMatchObject({ ok: true, leaf: 'unmapped' }); // any VM may be there
  });

  test('goes on from the leaves that were observed', () => {
    const session = started();
    ask(session, donate);
    const leaves = { host: { '0x3000': '0x0100000000003037' } };
    const answer = ask(session, {
      op: 'call',
      name: 'hyp_donate_host',
      hpa: '0x3000',
      size: '0x1000',
      ret: 0,
      leaves,
    });
    expect(answer).toMatchObject({ verdict: 'forbidden', resync: { assumed: 'observed', leaves: 1 } });
    expect(ask(session, { op: 'read', table: 'host', address: '0x3000' }).word).toBe('0x0100000000003037');
    expect(ask(session, { op: 'observe', leaves })).toMatchObject({ verdict: 'allowed' });
  });

  test('compares only what was observed of a leaf', () => {
    const session = started();
    ask(session, donate);
    const observe = (leaf: object): unknown =>
      ask(session, { op: 'observe', leaves: [{ table: 'host', address: '0x3000', ...leaf }] }).verdict;
    expect(observe({ state: 'NOPAGE' })).toBe('allowed');
    expect(observe({ owner: 2, present: false })).toBe('allowed');
    expect(observe({ owner: 3 })).toBe('forbidden');
    expect(observe({ state: 'OWNED' })).toBe('forbidden');
  });

  test('does not compare accessed and dirty flags, which the processor sets', () => {
    const session = started();
    const leaves = { host: { '0x3000': '0x0100000000003337' } };
    expect(ask(session, { op: 'observe', leaves }).verdict).toBe('allowed');
  });

  test('keeps both possibilities where a result was not observed, and lets the next observation decide', () => {
    const session = started();
    const leaves = { host: { '0x4000': '0x0100000000004037' } };
    expect(ask(session, { ...donate, leaves })).toMatchObject({ verdict: 'allowed', candidates: 2 });
    expect(ask(session, { op: 'read', table: 'host', address: '0x3000' })).toMatchObject({
      word: null,
      unknown: true,
    });
    expect(ask(session, { op: 'access', who: { vm: 2 }, kind: 'read', address: '0x8010' }).verdict).toBe(
      'unknown',
    );
    const seen = [{ table: 2, address: '0x8000', present: true }];
    expect(ask(session, { op: 'observe', leaves: seen })).toMatchObject({
      verdict: 'allowed',
      candidates: 1,
    });
  });

  test('allows -ENOMEM with nothing changed to a call that maps, counts it, and allows it to no other', () => {
    const session = started();
    expect(ask(session, { ...donate, ret: '-ENOMEM' })).toMatchObject({
      verdict: 'allowed',
      loose: true,
      ret: -12,
    });
    const hyp = { op: 'call', name: 'host_donate_hyp', hpa: '0x3000', size: '0x1000', ret: -12 };
    expect(ask(session, hyp).verdict).toBe('forbidden');
    expect(ask(session, { op: 'end' }).summary).toMatchObject({ looseUsed: 1, forbidden: 1, events: 2 });
  });

  test('predicts everything that may happen and changes nothing', () => {
    const session = started();
    const { allowed } = ask(session, { ...donate, op: 'predict' }) as {
      allowed: { ret: number; loose?: true }[];
    };
    expect(allowed.map(({ ret, loose }) => [ret, loose ?? false])).toEqual([
      [0, false],
      [-12, true],
    ]);
    expect(ask(session, { op: 'read', table: 'host', address: '0x3000' }).word).toBe('0x0100000000003037');
  });

  test('goes back to a snapshot', () => {
    const session = started();
    ask(session, { op: 'snapshot', name: 'before' });
    ask(session, donate);
    expect(ask(session, { op: 'restore', name: 'before' }).ok).toBe(true);
    expect(ask(session, donate)).toMatchObject({ ret: 0 });
    ask(session, { op: 'restore', name: 'before' });
    expect(ask(session, donate)).toMatchObject({ ret: 0 });
    expect(ask(session, { op: 'restore', name: 'other' })).toMatchObject({
      ok: false,
      error: { code: 'state' },
    });
  });

  test('judges EPT violations by what is mapped', () => {
    const session = started();
    const violation = (more: object): unknown => ask(session, { op: 'violation', ...more }).verdict;
    expect(violation({ who: 'host', address: '0xfee00000', result: 'mapped' })).toBe('allowed');
    expect(violation({ who: 'host', address: '0xfee00000', result: 'refused' })).toBe('forbidden');
    expect(violation({ who: 2, gpa: '0x8000', result: 'mapped', hpa: '0x3000' })).toBe('allowed');
    expect(violation({ who: 'host', address: '0x3010', result: 'refused' })).toBe('allowed');
    expect(violation({ who: 'host', address: '0x3010', result: 'mapped' })).toBe('forbidden');
    expect(violation({ who: 3, gpa: '0x8000', result: 'reflected' })).toBe('out-of-scope');
  });

  test('covers rules, and says which were never come by', () => {
    const session = started();
    ask(session, donate);
    const { coverage } = ask(session, { op: 'end' }) as {
      coverage: {
        operations: Record<string, { seen: object; never: string[] }>;
        rules: { covered: number };
      };
    };
    expect(coverage.rules.covered).toBe(1);
    expect(coverage.operations.host_donate_guest?.seen).toEqual({ complete: 1 });
    expect(coverage.operations.host_donate_guest?.never).toContain('kind.protected');
  });
});

describe('missing events', () => {
  test('dropped lines make verdicts unknown, never forbidden, and what is seen afterwards is known again', () => {
    const random = randomFrom(seed);
    const world = smallWorld();
    let [unknown, allowed] = [0, 0];
    for (let run = 0; run < 60; run++) {
      const session = new Session();
      ask(session, {
        op: 'hello',
        ram: [['0x3000', '0x7000']],
        vms: [
          { id: 2, kind: 'protected' },
          { id: 3, kind: 'normal' },
        ],
      });
      const implementation = new Implementation(world);
      for (let seq = 0; seq < 40; seq++) {
        const named = randomCall(world, random);
        const ret = implementation.call(named);
        if (random() < 0.15) continue;
        const { hpa, gpa, vm, size, prot } = named.args;
        const hex = (value: bigint): string => `0x${value.toString(16)}`;
        const grant =
          prot && `${prot.read ? 'r' : '-'}${prot.write ? 'w' : '-'}${prot.execute ? 'x' : '-'}`;
        const answer = ask(session, {
          op: 'call',
          name: named.name,
          ...(hpa === undefined ? {} : { hpa: hex(hpa) }),
          ...(gpa === undefined ? {} : { gpa: hex(gpa) }),
          ...(vm === undefined ? {} : { vm }),
          ...(grant === undefined ? {} : { prot: grant }),
          size: hex(size),
          ret,
          seq,
        });
        expect(answer.verdict, JSON.stringify(answer)).not.toBe('forbidden');
        if (answer.verdict === 'unknown') unknown++;
        else allowed++;
      }
    }
    expect(unknown).toBeGreaterThan(400);
    expect(allowed).toBeGreaterThan(400);
  });

  test('a call that succeeds after a gap makes its leaves known', () => {
    const session = started();
    ask(session, { op: 'gap', lost: 3 });
    expect(ask(session, { ...donate, ret: 0 })).toMatchObject({
      verdict: 'unknown',
      needs: [
        { table: 'host', address: '0x3000' },
        { table: 2, address: '0x8000' },
      ],
    });
    expect(ask(session, { ...donate, ret: 0 })).toMatchObject({ verdict: 'forbidden' });
  });

  test('a result that no call may have is forbidden even where nothing is known', () => {
    const session = started();
    ask(session, { op: 'gap' });
    expect(ask(session, { ...donate, ret: 1 }).verdict).toBe('forbidden');
  });

  test('a call that nobody logged is inserted only where it is allowed, needed and enough', () => {
    const silent = { max: 1, operations: ['host_unshare_guest'] };
    const session = new Session();
    ask(session, { ...hello, profile: { ...normative, silent } });
    const share = {
      op: 'call',
      name: 'host_share_guest',
      vm: 3,
      hpa: '0x3000',
      gpa: '0x9000',
      size: '0x1000',
      ret: 0,
    };
    expect(ask(session, share)).not.toHaveProperty('inserted');
    expect(ask(session, { ...donate, ret: 0 })).toMatchObject({
      verdict: 'allowed',
      inserted: [{ name: 'host_unshare_guest', vm: 3, hpa: '0x3000', gpa: '0x9000', size: '0x1000' }],
    });
    expect(ask(session, { ...share, ret: 0 }).verdict).toBe('forbidden');
  });
});

describe('whatever a client sends', () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  const op = fc.constantFrom(
    'hello',
    'call',
    'predict',
    'observe',
    'access',
    'violation',
    'gap',
    'read',
    'mem',
    'snapshot',
    'restore',
    'end',
    'host_donate_hyp',
    'no',
  );
  const u64 = fc.oneof(
    fc.bigInt(0n, 2n ** 64n - 1n).map(value => `0x${value.toString(16)}`),
    json,
  );
  const request = fc.record(
    {
      op: fc.oneof(op, json),
      id: json,
      name: fc.oneof(fc.constantFrom('host_donate_guest', 'hyp_donate_host', 'guest_unshare_host'), json),
      vm: fc.oneof(fc.integer(), json),
      hpa: u64,
      gpa: u64,
      size: fc.oneof(fc.constantFrom('0x1000', '0xfffffffffffff000', '0x8000000000000000'), u64),
      ret: fc.oneof(fc.integer(), json),
      leaves: json,
      table: fc.oneof(fc.constantFrom('host', 2), json),
      address: u64,
      words: json,
      profile: fc.oneof(fc.constantFrom('seed-004', 'rfc7-as-built'), json),
      ram: json,
      machine: json,
      who: json,
      kind: json,
      result: json,
    },
    { requiredKeys: ['op'] },
  );

  test('gets one answer a line that is JSON, with ok, and the session goes on', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            request.map(value => JSON.stringify(value)),
            json.map(value => JSON.stringify(value)),
            fc.string({ maxLength: 60 }),
            fc.string({ unit: 'binary', maxLength: 60 }),
          ),
          { maxLength: 12 },
        ),
        lines => {
          const session = new Session();
          for (const line of lines) {
            const answer = session.answerLine(line);
            expect(typeof answer.ok).toBe('boolean');
            expect(JSON.parse(JSON.stringify(answer))).toBeTypeOf('object');
          }
          const greeting = ask(session, hello);
          expect(greeting.ok).toBe(true);
          expect(ask(session, donate)).toMatchObject({ ret: 0 });
        },
      ),
      { seed, numRuns: 500 },
    );
  });

  const cases: readonly (readonly [string, string, string])[] = [
    ['a line that is too long', `{"op":"${'x'.repeat(limits.lineLength)}"}`, 'lineLength'],
    ['deep nesting', `${'['.repeat(200_000)}${']'.repeat(200_000)}`, 'schema'],
    [
      'deep nesting in a field',
      `{"op":"mem","words":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
      'schema',
    ],
    ['a number where a string is wanted', '{"op":"read","table":"host","address":4096}', 'schema'],
    ['a call of nothing', '{"op":"call","name":"rm","size":"0x1000"}', 'schema'],
    ['a call without its page', '{"op":"call","name":"host_donate_hyp","size":"0x1000"}', 'schema'],
    ['half a line', '{"op":"call","name":"host_do', 'json'],
  ];
  for (const [name, line, expected] of cases) {
    test(`${name} gets one clear error`, () => {
      const { ok, error } = started().answerLine(line) as {
        ok: boolean;
        error: { code: string; limit?: string; message: string };
      };
      expect(ok).toBe(false);
      expect([error.code, error.limit]).toContain(expected);
      expect(error.message.length).toBeLessThan(500);
    });
  }

  test('a call of more pages than anyone looks at is out of scope, at once', () => {
    const session = new Session();
    ask(session, { ...hello, profile: 'rfc7-as-built' });
    const huge = { op: 'call', name: 'hyp_donate_host', hpa: '0x0', size: '0x7ffffffff000', ret: 0 };
    expect(ask(session, huge)).toMatchObject({ verdict: 'out-of-scope', rule: 'limit.call_pages' });
    const far = { op: 'call', name: 'hyp_donate_host', hpa: '0x8000000000000000', size: '0x1000', ret: 0 };
    expect(ask(session, far)).toMatchObject({ verdict: 'out-of-scope', rule: 'limit.encoding' });
  });

  test('memory and snapshots are bounded by limits that are named', () => {
    const session = started();
    for (let i = 0; i < limits.snapshots; i++)
      expect(ask(session, { op: 'snapshot', name: `s${i}` }).ok).toBe(true);
    expect(ask(session, { op: 'snapshot', name: 'one more' })).toMatchObject({
      ok: false,
      error: { code: 'limit', limit: 'snapshots' },
    });
  });

  test('a donation of 1 GByte is followed as 512 large leaves of each table', () => {
    const session = new Session();
    ask(session, { op: 'hello', ram: [['0x0', '0x80000000']], vms: [{ id: 2, kind: 'protected' }] });
    const whole = { op: 'call', vm: 2, hpa: '0x0', gpa: '0x40000000', size: '0x40000000' };
    expect(ask(session, { ...whole, name: 'host_donate_guest', ret: 0 }).verdict).toBe('allowed');
    expect(session.conversation.candidates.shared.cells).toBe(2 * 512);
    const last = { op: 'read', table: 2, address: '0x7ffff000' };
    expect(ask(session, last).word).toBe('0x010000003ffff007');
    const page = { op: 'call', vm: 2, gpa: '0x50000000', size: '0x1000' };
    expect(ask(session, { ...page, name: 'guest_share_host', ret: 0 }).verdict).toBe('allowed');
    expect(ask(session, { ...whole, name: 'host_undonate_guest', ret: 0 }).verdict).toBe('allowed');
  });

  test('a call over more pages than anyone has is answered, and nothing is known after it', () => {
    const session = started();
    ask(session, { ...donate, ret: 0 });
    const huge = { op: 'call', name: 'guest_share_host', vm: 2, gpa: '0x8000', size: '0x100000000001000' };
    expect(ask(session, { ...huge, ret: -22 })).toMatchObject({ verdict: 'allowed', ret: -22 });
    ask(session, { op: 'gap' });
    expect(ask(session, { ...huge, ret: 0 })).toMatchObject({
      verdict: 'out-of-scope',
      rule: 'limit.call_pages',
    });
    expect(ask(session, { op: 'read', table: 'host', address: '0x5000' }).possible).toEqual(['unknown']);
    expect(session.conversation.tally.limits).toEqual(['limit.call_pages']);
  });

  test('where more leaves are written than are followed, nothing is known any more and the limit is told', () => {
    const conversation = new Conversation(normative, undefined, 512);
    conversation.begin({ ram: 'any', vms: 'any', initially: 'host owns all RAM' });
    const give = (hpa: bigint) =>
      conversation.judge({ kind: 'call', name: 'host_donate_hyp', args: { hpa, size: 0x1000n }, ret: 0 });
    expect(give(0x3000n).verdict).toBe('allowed');
    expect(give(0x20_3000n).verdict).toBe('allowed');
    expect(give(0x40_3000n).verdict).toBe('unknown');
    expect(conversation.tally.limits).toEqual(['limit.leaf_words']);
  });

  test('a leaf at an address that is none of a page is refused, and the session goes on', () => {
    const session = started();
    const leaf = { table: 'host', address: '0x3001', word: '0x0100000000003037' };
    expect(ask(session, { op: 'observe', leaves: [leaf] })).toMatchObject({
      ok: false,
      error: { code: 'schema', message: expect.stringContaining('0x3001') as string },
    });
    expect(ask(session, { ...donate, ret: 0 }).verdict).toBe('allowed');
  });
});

describe('a guest whose kind nobody said', () => {
  const unknownKind = (): Session => {
    const session = new Session();
    ask(session, { op: 'hello', ram: [['0x0', '0x200000']], vms: [{ id: 2 }] });
    return session;
  };
  const call = { op: 'call', vm: 2, size: '0x1000' };
  const give = { ...call, name: 'host_donate_guest', hpa: '0x3000', gpa: '0x8000' };
  const lend = { ...call, name: 'host_share_guest', hpa: '0x4000', gpa: '0x9000' };

  test('is protected or normal until one of its calls decides, and then it is that', () => {
    const session = unknownKind();
    expect(ask(session, { ...give, ret: 0 }).verdict).toBe('allowed');
    expect(ask(session, { ...lend, ret: -1 }).verdict).toBe('allowed');
    expect(ask(session, { ...lend, ret: 0 })).toMatchObject({ verdict: 'forbidden', rule: 'kind.normal' });
  });

  test('is decided by a refusal too', () => {
    const session = unknownKind();
    expect(ask(session, { ...lend, ret: -1 }).verdict).toBe('allowed');
    expect(ask(session, { ...lend, ret: 0 })).toMatchObject({ verdict: 'forbidden', rule: 'kind.normal' });
    expect(ask(session, { ...give, ret: 0 }).verdict).toBe('allowed');
  });

  test('is either as long as results are not observed', () => {
    const session = unknownKind();
    ask(session, give);
    expect(ask(session, { ...lend, ret: 0 }).verdict).toBe('allowed');
    expect(ask(session, { op: 'read', table: 2, address: '0x8000' }).leaf).toBe('unmapped');
  });

  test('is not held against its calls where hello says "any"', () => {
    const session = new Session();
    ask(session, { op: 'hello', ram: [['0x0', '0x200000']], vms: [{ id: 2, kind: 'any' }] });
    expect(ask(session, { ...give, ret: 0 }).verdict).toBe('allowed');
    expect(ask(session, { ...lend, ret: 0 }).verdict).toBe('allowed');
  });
});
