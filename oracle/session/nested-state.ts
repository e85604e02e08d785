import { errnoText } from '../../model/kvm/errno.ts';
import { validate } from '../../model/kvm/nested-state/index.ts';
import type { RequestOf } from '../protocol/requests.ts';
import { type Verdict, verdictOf } from '../step/index.ts';

/** What KVM_SET_NESTED_STATE answers to a buffer, and where its result was seen, whether that is what it may be. */
export function nestedStateAnswer({ buffer, vcpu, revision, ret }: RequestOf<'nested_state'>): {
  readonly answer: Record<string, unknown>;
  /** Absent where nothing was observed: then nothing was checked. */
  readonly verdict?: Verdict;
} {
  const { errno, rule, about, source } = validate(buffer, vcpu, revision);
  const answer = {
    ret: errno,
    errno: errno === 0 ? null : errnoText(errno).slice(1),
    rule,
    why: about,
    source,
  };
  if (ret === undefined) return { answer };
  const differences = ret === errno ? [] : [{ at: 'ret', observed: String(ret), allowed: String(errno) }];
  const kind = differences.length === 0 ? 'allowed' : 'forbidden';
  const verdict = verdictOf(kind, 'nested_state', `${rule}: ${about}`, { differences });
  return { answer: { verdict: kind, ...answer, ...(kind === 'forbidden' && { differences }) }, verdict };
}
