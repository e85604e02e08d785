import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { countedRequestSchema } from '../../../oracle/protocol/operations.ts';
import { Session } from '../../../oracle/protocol/session.ts';
import { requestsOf } from './recorded-requests.ts';

/** Recorded on the running page-state code: facts/pkvm-2026.md 4. */
const [header = '', ...sequences] = readFileSync(
  join(import.meta.dirname, '../../golden/records/pkvm-2026-sample.jsonl'),
  'utf8',
)
  .trim()
  .split('\n');
/** Every twelfth sequence: what the recordings say is held in full by the test of recordings. */
const told = sequences.filter((_, at) => at % 12 === 0);

type Request = Record<string, unknown>;
type Answer = Readonly<Record<string, unknown>>;

const hello = {
  op: 'hello',
  implementation: 'x86-2026',
  ram: ['0x200000', '0x800000'],
  hypervisor: ['0x600000', '0x800000'],
  vms: [
    { id: 0, kind: 'normal' },
    { id: 2, kind: 'protected', finalized: true },
  ],
  pageSizes: ['4K'],
};
const enough = { memcache: 24, pool: 0 };
const page = { hpa: '0x400000', size: '0x1000' };
const donate = { op: 'host_donate_guest', vm: 2, gpa: '0x10000', ...page, ...enough };
const share = { op: 'host_share_guest', vm: 0, gpa: '0x10000', ...page, ...enough };

/** The last answer to these requests. */
function ask(...requests: readonly Request[]): Answer {
  const session = new Session();
  return requests.map(request => session.answer(request)).at(-1) ?? {};
}

describe('recorded calls, told as requests', () => {
  test('are allowed: result, records, leaf words, flushes, wipes, panics, pages asked for', () => {
    const session = new Session();
    for (const line of told)
      for (const request of requestsOf(header, line, 'x86-2026'))
        expect(session.answer(request)).toMatchObject({ ok: true });
    const { events, allowed, forbidden, unknown } = session.summary;
    expect({ forbidden, unknown }).toEqual({ forbidden: 0, unknown: 0 });
    expect(allowed).toBe(events);
    expect(events).toBeGreaterThan(100);
  });

  test('are what the published schema says', () => {
    for (const request of requestsOf(header, sequences[0] ?? '', 'x86-2026'))
      expect(countedRequestSchema.safeParse({ ...request }).success).toBe(true);
  });

  /** The first answer to a recorded call that `spoil` changes. */
  function spoilt(spoil: (request: Request) => boolean): Answer {
    for (const line of told) {
      const session = new Session();
      for (const request of requestsOf(header, line, 'x86-2026')) {
        const isSpoilt = request.op === 'call' && spoil(request);
        const answer = session.answer(request);
        if (isSpoilt) return answer;
      }
    }
    throw new Error('no call is like that');
  }

  test('with a result flipped are forbidden by the check that decides', () => {
    const answer = spoilt(request => {
      if (request.ret !== -1 || request.name !== 'host_donate_guest') return false;
      request.ret = 0;
      return true;
    });
    expect(answer).toMatchObject({
      verdict: 'forbidden',
      differences: [{ at: 'ret', observed: '0', allowed: '-EPERM' }],
    });
    expect(answer.rule).toMatch(/^page\.|^leaf\.|^vm\./);
  });

  test('with a count off by one are forbidden by the step that counts', () => {
    const answer = spoilt(({ ret, name, records }) => {
      const changed = (records as { guestShares: number }[] | undefined)?.find(
        one => one.guestShares === 1,
      );
      if (ret !== 0 || name !== 'host_share_guest' || changed === undefined) return false;
      changed.guestShares++;
      return true;
    });
    expect(answer).toMatchObject({ verdict: 'forbidden', rule: 'record.guest_share' });
  });

  test('with a flush dropped are forbidden by the rule of flushes', () => {
    const answer = spoilt(request => {
      if (request.ret !== 0 || (request.flushes as unknown[]).length === 0) return false;
      request.flushes = [];
      return true;
    });
    expect(answer).toMatchObject({
      verdict: 'forbidden',
      rule: 'flush',
      source: 'facts/pkvm-2026.md 1.2, R6',
    });
  });

  test('with a wipe dropped are forbidden', () => {
    const answer = spoilt(request => {
      if (request.ret === 'BUG' || (request.wipes as unknown[]).length === 0) return false;
      request.wipes = [];
      return true;
    });
    expect(answer).toMatchObject({ verdict: 'forbidden', differences: [{ at: 'wipe', observed: 'none' }] });
  });
});

describe('a panic', () => {
  const bug = { op: 'hyp_donate_host', ...page, ret: 'BUG', bugIn: 'pkvm_hyp_donate_host' };

  test('is a result of its own, after which nothing can be judged until a machine is there again', () => {
    const session = new Session();
    session.answer(hello);
    session.answer({ op: 'snapshot' });
    expect(session.answer(bug)).toMatchObject({ verdict: 'allowed', ret: 'BUG', errno: null, gone: true });
    expect(session.answer({ ...share, ret: 0 })).toMatchObject({ verdict: 'unknown', rule: 'gone' });
    session.answer({ op: 'restore' });
    expect(session.answer({ ...share, ret: 0 })).toMatchObject({ verdict: 'allowed' });
  });

  test('where the call must answer is forbidden, and the other way round', () => {
    expect(ask(hello, { ...share, ret: 'BUG' })).toMatchObject({ verdict: 'forbidden', gone: true });
    expect(ask(hello, { ...bug, ret: -1 })).toMatchObject({
      verdict: 'forbidden',
      differences: [{ at: 'ret', observed: '-EPERM', allowed: 'BUG' }],
    });
  });

  test('of the 65,536th pin is what the code does, and refused by the strict reading, which knows it', () => {
    const full = { op: 'observe', records: [{ page: '0x400000', pins: 65_535 }] };
    const pin = { op: 'host_use_dma', ...page };
    expect(ask(hello, full, { ...pin, ret: 'BUG' })).toMatchObject({ verdict: 'allowed' });
    const strict = { ...hello, implementation: 'x86-2026-strict' };
    expect(ask(strict, full, { ...pin, ret: 'BUG' })).toMatchObject({ verdict: 'forbidden', known: 'B56' });
    expect(ask(strict, full, { ...pin, ret: '-ENOSPC' })).toMatchObject({ verdict: 'allowed' });
  });
});

describe('what is not known', () => {
  test('of the memory for tables lets a call fail for want of it, and the next calls tell', () => {
    const { memcache: _, pool: __, ...open } = donate;
    const session = new Session();
    session.answer(hello);
    expect(session.answer({ ...open, ret: '-ENOMEM' })).toMatchObject({
      verdict: 'allowed',
      rule: 'guest.map',
    });
    // B54: the page is lost, and every call on it is refused for ever
    expect(session.answer({ op: 'host_use_dma', ...page, ret: -1 })).toMatchObject({ verdict: 'allowed' });
    expect(ask(hello, { ...donate, ret: '-ENOMEM' })).toMatchObject({ verdict: 'forbidden' });
  });

  test('and is found out before anything is changed, the strict reading says, which knows the fault', () => {
    const strict = { ...hello, implementation: 'x86-2026-strict' };
    const short = { ...donate, memcache: 0 };
    expect(ask(strict, { ...short, ret: -12 })).toMatchObject({ verdict: 'allowed' });
    const lost = { records: [{ page: '0x400000', state: 'NONE', owner: 'GUEST' }] };
    expect(ask(strict, { ...short, ret: -12, ...lost })).toMatchObject({
      verdict: 'forbidden',
      known: 'B54',
    });
    expect(ask(hello, { ...short, ret: -12, ...lost })).toMatchObject({ verdict: 'allowed' });
  });

  test('of the memcache lets a guest be asked for more, by the number that follows from its pages', () => {
    const unshared = { op: 'guest_share_host', vm: 2, gpa: '0x10000', size: '0x1000' };
    const asked = { ...unshared, ret: '-E2BIG', needMemcache: 9 };
    expect(ask(hello, donate, asked)).toMatchObject({ verdict: 'allowed' });
    expect(ask(hello, donate, { ...asked, needMemcache: 8 })).toMatchObject({
      verdict: 'forbidden',
      rule: 'memcache.pages',
    });
    expect(ask(hello, donate, { ...asked, ...enough })).toMatchObject({ verdict: 'forbidden' });
  });

  test('of the kind of a VM is told by its calls', () => {
    const open = { ...hello, vms: 'any' in hello ? [] : [{ id: 2, kind: 'unknown' }] };
    expect(ask(open, { ...donate, ret: 0 })).toMatchObject({ verdict: 'allowed' });
    expect(ask(open, { ...donate, ret: '-EPERM' })).toMatchObject({ verdict: 'allowed' });
    const shared = { ...share, vm: 2, hpa: '0x401000', gpa: '0x11000' };
    expect(ask(open, { ...donate, ret: 0 }, { ...shared, ret: 0 })).toMatchObject({
      verdict: 'forbidden',
      rule: 'vm.normal',
    });
    expect(ask(open, { ...donate, ret: 0 }, { ...shared, ret: -1 })).toMatchObject({ verdict: 'allowed' });
  });

  test('of records after a gap is unknown, never green, until they are observed', () => {
    const gap = { op: 'gap', lost: 3 };
    const call = { op: 'host_share_hyp', ...page, ret: 0 };
    expect(ask(hello, gap, call)).toMatchObject({
      verdict: 'unknown',
      why: expect.stringContaining('record 0x400000') as string,
    });
    const seen = {
      op: 'observe',
      records: [
        {
          page: '0x400000',
          state: 'SHARED_OWNED',
          owner: 'HOST',
          hypShares: 65_535,
          guestShares: 0,
          pins: 0,
        },
      ],
    };
    expect(ask(hello, gap, seen, call)).toMatchObject({ verdict: 'forbidden' });
    expect(ask(hello, gap, seen, { ...call, ret: '-ENOSPC' })).toMatchObject({ verdict: 'allowed' });
    expect(ask(hello, gap, { op: 'read', table: 'record', address: '0x400000' })).toMatchObject({
      word: null,
      unknown: true,
    });
  });

  test('after a forbidden call does not condemn what follows', () => {
    const wrong = { op: 'hyp_donate_host', hpa: '0x600000', size: '0x1000', ret: null };
    expect(ask(hello, wrong)).toMatchObject({ verdict: 'forbidden' });
    expect(
      ask(hello, wrong, { op: 'host_use_dma', hpa: '0x600000', size: '0x1000', ret: 0 }),
    ).toMatchObject({
      verdict: 'unknown',
    });
  });
});

describe('a request', () => {
  test('without a result is done as the implementation does it: result, flushes, what changes', () => {
    expect(ask(hello, donate)).toMatchObject({
      ret: 0,
      rule: 'complete',
      flushes: [{ who: 'host', address: '0x400000', size: '0x1000' }],
      writes: [
        { table: 'record', address: '0x400000', says: 'NONE by GUEST' },
        { table: 'host', before: '0x0000000000400037', after: '0x0000000000000000', level: 1 },
        { table: 2, address: '0x10000', after: '0x0010000000400037', level: 1 },
      ],
    });
  });

  test('to predict tells everything that may happen and does nothing', () => {
    const { memcache: _, pool: __, ...open } = donate;
    const { allowed } = ask(hello, { ...open, op: 'predict', name: donate.op });
    const results = (allowed as { errno: string | null }[]).map(({ errno }) => errno);
    expect(new Set(results)).toEqual(new Set([null, 'ENOMEM']));
    expect(ask(hello, { ...open, op: 'predict', name: donate.op }, { ...donate, ret: 0 })).toMatchObject({
      verdict: 'allowed',
    });
  });

  test.each([
    [{ op: 'call', name: 'hyp_pin', pfn: '0x400' }, 'no call of x86-2026 is named "hyp_pin"'],
    [{ op: 'host_use_dma', hpa: '0x400000' }, 'host_use_dma needs size'],
    [{ op: 'host_use_dma', ...page, gpa: '0x0' }, 'host_use_dma takes no gpa: it takes hpa, size'],
    [{ op: 'host_use_dma', ...page, ret: '-EWHAT' }, 'call: ret'],
    [{ op: 'host_unshare_guest', vm: 7, gpa: '0x0', size: '0x1000' }, 'hello declared no VM 7'],
    [{ op: 'access', kind: 'read', address: '0x0' }, 'no op "access"'],
    [{ op: 'hello', implementation: 'x86-2027' }, 'there is none of this name'],
    [{ ...hello, hypervisor: ['0x900000', '0xa00000'] }, 'is RAM: 0x900000 is none'],
  ])('that makes no sense gets one line: %j', (request, message) => {
    const { ok, error } = ask(hello, request);
    expect(ok).toBe(false);
    expect((error as { message: string }).message).toContain(message);
  });
});

describe('arm64', () => {
  const arm64 = {
    op: 'hello',
    implementation: 'arm64-mainline',
    ram: ['0x40000000', '0x60000000'],
    vms: [
      { id: 0, kind: 'normal', handle: 0x1000 },
      { id: 1, kind: 'protected', handle: 0x1001 },
    ],
  };
  const given = { op: 'host_donate_guest', vm: 1, pfn: '0x40000', gfn: '0x80010', memcache: 3 };

  test('answers its own calls: words, records, whether EL2 maps the page', () => {
    const session = new Session();
    session.answer(arm64);
    expect(session.answer(given)).toMatchObject({
      ret: 0,
      writes: expect.arrayContaining([
        expect.objectContaining({ table: 'record', says: 'host NOPAGE, hyp NOPAGE' }),
        expect.objectContaining({ table: 1, address: '0x80010000', level: 3 }),
      ]) as unknown,
    });
    expect(session.answer({ op: 'host_share_hyp', pfn: '0x40000', ret: 0 })).toMatchObject({
      verdict: 'forbidden',
    });
    const shared = { op: 'host_share_hyp', pfn: '0x40001', ret: 0 };
    expect(
      session.answer({
        ...shared,
        records: [{ page: '0x40001000', host: 'SHARED_OWNED', hyp: 'SHARED_BORROWED', mapped: false }],
      }),
    ).toMatchObject({ verdict: 'allowed' });
    // 6.12 maps at once what 7.3 maps when it is first pinned
    expect(
      ask(
        { ...arm64, implementation: 'arm64-6.12' },
        { ...shared, records: [{ page: '0x40001000', mapped: false }] },
      ),
    ).toMatchObject({ verdict: 'forbidden', rule: 'el2.map' });
    expect(ask({ ...arm64, implementation: 'arm64-6.12' }, given)).toMatchObject({ ok: false });
  });

  test('an assertion that fails is a panic: F2, and the strict reading answers -ERANGE', () => {
    const young = { op: 'host_test_clear_young_guest', vm: 0, gfn: '0x1000000000', nr: '0x1' };
    expect(ask(arm64, { ...young, ret: 'BUG' })).toMatchObject({ verdict: 'allowed', gone: true });
    expect(
      ask({ ...arm64, implementation: 'arm64-mainline-strict' }, { ...young, ret: -34 }),
    ).toMatchObject({ verdict: 'allowed' });
  });

  test('a memcache that is short is told by -ENOMEM, and by nothing else', () => {
    expect(ask(arm64, { ...given, memcache: 2, ret: '-ENOMEM' })).toMatchObject({ verdict: 'allowed' });
    expect(ask(arm64, { ...given, ret: '-ENOMEM' })).toMatchObject({ verdict: 'forbidden' });
    const { memcache: _, ...open } = given;
    expect(ask(arm64, { ...open, ret: '-ENOMEM' })).toMatchObject({ verdict: 'allowed' });
  });

  test('does not say what is flushed', () => {
    expect(ask(arm64, { ...given, ret: 0, flushes: [] })).toMatchObject({ ok: false });
  });
});
