import { expect, test } from 'vitest';
import { bytesHex } from '../../../model/bits/index.ts';
import { encodeNestedState } from '../../../model/kvm/nested-state/index.ts';
import { checkTrace, normative, Session } from '../../../oracle/index.ts';

const ask = (request: object): Record<string, unknown> =>
  new Session().answerLine(JSON.stringify({ id: 1, op: 'nested_state', ...request })) as Record<
    string,
    unknown
  >;

const header = bytesHex(
  encodeNestedState({ size: 128, vmx: { vmxonPa: 0x1000n, vmcs12Pa: 0x2000n } }, 'newest'),
);

test('a NULL pointer is -EFAULT', () => {
  expect(ask({ buffer: null })).toMatchObject({ id: 1, ok: true, ret: -14, errno: 'EFAULT' });
});

test('a header with a vmcs12 address and no room for it is refused today and was accepted in 2019', () => {
  expect(ask({ buffer: header })).toMatchObject({ ret: -22, errno: 'EINVAL', rule: 'room' });
  expect(ask({ buffer: header, revision: '2019' })).toMatchObject({ ret: 0, errno: null, rule: 'empty' });
});

test('a refusal says what was found, and a revision is named by the commit that ends it', () => {
  expect(ask({ buffer: header }).why).toBe(
    'not so: a state that has a vmcs12 (by address, by EVMCS, or by being in L2) has room for it; found 128 bytes, flags 0x0, format 0, size 128, vmxon_pa 0x1000, vmcs12_pa 0x2000, smm.flags 0x0, vmx.flags 0x0, no vmcs12; VM entry would refuse it, as the request says, addresses of 46 bits',
  );
  expect(ask({ buffer: header, revision: 'before-323d73a8ecad' })).toMatchObject({
    ret: 0,
    revision: 'before-323d73a8ecad',
  });
  const line = JSON.stringify({ op: 'nested_state', buffer: header, ret: 0 });
  const { summary, forbidden } = checkTrace([line], { implementation: normative });
  expect(summary.forbidden).toBe(1);
  expect(forbidden.map(({ verdict }) => verdict.why)).toEqual([expect.stringContaining('room: not so')]);
});

test('a result that was seen is held against what it may be', () => {
  expect(ask({ buffer: header, ret: '-EINVAL' })).toMatchObject({ verdict: 'allowed' });
  expect(ask({ buffer: header, ret: 0 })).toMatchObject({
    verdict: 'forbidden',
    differences: [{ at: 'ret', observed: '0', allowed: '-22' }],
  });
});

test('the vCPU is the kernel test’s unless the request says otherwise', () => {
  expect(
    ask({ buffer: header, vcpu: { vendor: 'vmx', guestVmxCpuid: false }, revision: '2019' }),
  ).toMatchObject({ ret: -22 });
  expect(ask({ buffer: header, vcpu: { vendor: 'svm' } })).toMatchObject({ ok: true, ret: -22 });
});

test.each([
  [{ buffer: 'xyz' }, 'two hex digits a byte'],
  [{ buffer: '0' }, 'two hex digits a byte'],
  [{}, 'buffer'],
  [{ buffer: null, revision: '2020' }, 'revision'],
])('%j is a malformed request in one line', (request, message) => {
  const { ok, error } = ask(request) as { ok: boolean; error: { message: string } };
  expect(ok).toBe(false);
  expect(error.message).toContain(message);
});
