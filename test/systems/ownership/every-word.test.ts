import { describe, expect, test } from 'vitest';
import {
  leafChecks,
  operationNames,
  PageState,
  type PkvmRules,
  rulesWith,
  specified,
  viewOf,
} from '../../../model/pkvm/index.ts';
import { holdCall, proveCalls } from '../../../systems/ownership/every-word/hold.ts';

const held = [...proveCalls()];

describe('the eight calls on leaf words of any content', () => {
  test('are covered whole, and every sentence holds on every path', () => {
    for (const { covered, broken } of held) {
      expect(covered.problem).toBeUndefined();
      expect(broken).toEqual([]);
    }
  });

  // R, W, X: a leaf is present in 3 ways (R; W without R; X alone) and absent in 1; a state has 4 values
  test('go through on as many paths as a leaf can be present in, and nowhere else', () => {
    expect(held.map(({ name, covered, results }) => [name, covered.paths, results.get(0)])).toEqual([
      // OWNED and another page (3), OWNED and absent, three other states: 4 * ... that end the call
      ['host_donate_hyp', 10, 3],
      ['hyp_donate_host', 17, 1],
      ['host_share_guest', 55, 3],
      ['host_unshare_guest', 37, 3 * 3],
      ['host_donate_guest', 55, 3],
      ['host_undonate_guest', 91, 3 + 3 * 3],
      ['guest_share_host', 61, 3],
      ['guest_unshare_host', 40, 3 * 3],
    ]);
  });
});

/** The rules with one check of one call answered in another way. */
function answering(name: string, holds: (typeof leafChecks)[number]['holds']): PkvmRules {
  const changed = operationNames.map(operation => {
    const one = specified.operations[operation];
    const { request, acknowledge } = one.transition;
    const change = (checks: typeof request): typeof request =>
      checks.map(check => (check.name === name ? { ...check, holds } : check));
    return [
      operation,
      {
        ...one,
        transition: { ...one.transition, request: change(request), acknowledge: change(acknowledge) },
      },
    ] as const;
  });
  return { ...specified, operations: { ...specified.operations, ...Object.fromEntries(changed) } };
}

describe('what is not so is found on a path', () => {
  test('the state bits alone, as the code of the seed reads them: a leaf that maps nothing is given away', () => {
    const rules = answering(
      'donate.request.host.state',
      page => viewOf(page.hostLeaf()).pageState === PageState.PKVM_PAGE_OWNED,
    );
    const { broken } = holdCall('host_donate_hyp', rules);
    expect(broken.map(({ what, words }) => [what, words['host leaf']])).toEqual([
      [
        'a call goes through where the giver has the page and the receiver does not, and nowhere else',
        0x0100_0000_0000_0000n,
      ],
      [
        'a leaf that contradicts itself is never taken for a page that somebody owns, or for a free one',
        0x0100_0000_0000_0000n,
      ],
    ]);
  });

  test('the owner of any annotation, as early guest_share_host reads it: another guest shares the page', () => {
    const { broken } = holdCall(
      'guest_share_host',
      answering('share.acknowledge.host.owner', () => true),
    );
    expect(broken.map(({ words }) => words['host leaf'])).toContain(0n);
  });

  const redundant: readonly string[] = [
    // an annotation is not present, and hyp_donate_host asks twice whose it is: of the giver and of the receiver
    'donate.request.hyp.state',
    'donate.request.hyp.owner',
    'share.acknowledge.host.state',
  ];
  test.each(leafChecks.map(({ name }) => name))('%s left out', name => {
    const broken = [...proveCalls(rulesWith([name]))].flatMap(one => one.broken);
    expect(broken.length > 0).toBe(!redundant.includes(name));
  });
});
