import { EptPte } from '../../model/ept/index.ts';
import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import { type Candidates, forgetLeaves } from './candidates.ts';
import type { ViolationEvent } from './event.ts';
import { isRamPage, pageAt, vmsOf } from './machine.ts';
import { agreedWord } from './silent.ts';
import { stepCall } from './step-call.ts';
import { type Step, verdictOf } from './verdict-of.ts';

/** An EPT violation that the hypervisor handled, by the decision table of facts/oracle.md 6. */
export function stepViolation(candidates: Candidates, event: ViolationEvent): Step {
  return event.who === 'host'
    ? hostViolation(candidates, event)
    : guestViolation(candidates, event.who, event);
}

/** RAM is never mapped for the host on demand; what is not RAM is. */
function hostViolation(candidates: Candidates, { address, result }: ViolationEvent): Step {
  const page = pageAt(address);
  const at = `host 0x${page.toString(16)}`;
  const verdict = (isAllowed: boolean, rule: string, allowed: string): Step => ({
    verdict: verdictOf(
      isAllowed ? 'allowed' : 'forbidden',
      rule,
      `${at} ${rule.endsWith('ram') ? 'is RAM' : 'is not RAM'}`,
      {
        differences: isAllowed ? [] : [{ at: 'result', observed: result, allowed }],
      },
    ),
    candidates,
  });
  if (candidates.machine.ram === 'any') {
    return { verdict: verdictOf('unknown', 'violation.host.ram', 'nobody said what is RAM'), candidates };
  }
  if (!isRamPage(candidates.machine, page))
    return verdict(result === 'mapped' || result === 'retry', 'violation.host.mmio', 'mapped, or retry');
  const leaf = agreedWord(candidates, 'host', page);
  if (leaf !== undefined && EptPte.get(leaf, 'read') && EptPte.get(leaf, 'write')) {
    if (isUntold(candidates, page)) {
      const why = `${at} may be the hypervisor's own from the start: nobody said what is`;
      return { verdict: verdictOf('unknown', 'violation.spurious', why), candidates };
    }
    const why = `${at} grants every access`;
    return { verdict: verdictOf('forbidden', 'violation.spurious', why), candidates };
  }
  return verdict(result === 'refused' || result === 'injected', 'violation.host.ram', 'refused');
}

/** Whether a leaf is only taken to be the host's because nobody said which memory is the hypervisor's own. */
const isUntold = ({ machine, shared }: Candidates, page: bigint): boolean =>
  machine.hypervisor === undefined && shared.get('host', page) === undefined;

/** A guest's first access to a page shares it (a normal VM) or donates it (a protected one). */
function guestViolation(candidates: Candidates, vm: number, event: ViolationEvent): Step {
  const { result, address, hpa, size = PAGE_SIZE } = event;
  if (result !== 'mapped') {
    const why = `${result}: that depends on the guest's virtual EPT, which is not observed`;
    return { verdict: verdictOf('out-of-scope', 'violation.spurious', why), candidates };
  }
  const said = vmsOf(candidates.machine, vm).find(({ id }) => id === vm)?.kind ?? 'unknown';
  const kind = said === 'unknown' ? (candidates.kinds.get(vm) ?? said) : said;
  if (hpa === undefined || kind === 'unspecified' || kind === 'unknown') {
    const why =
      hpa === undefined ? 'which page was mapped was not observed' : `the kind of guest ${vm} is not known`;
    const leaves = [
      { table: vm, address: pageAt(address) },
      ...(hpa === undefined ? [] : [{ table: 'host' as const, address: pageAt(hpa) }]),
    ];
    return {
      verdict: verdictOf('unknown', 'violation.spurious', why, { needs: leaves.slice(0, 1) }),
      candidates: forgetLeaves(candidates, leaves),
    };
  }
  const name = kind === 'normal' ? 'host_share_guest' : 'host_donate_guest';
  return stepCall(candidates, {
    kind: 'call',
    name,
    args: { vm, hpa, gpa: pageAt(address), size },
    ret: 0,
  });
}
