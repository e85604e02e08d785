import {
  type Columns,
  type CountedOperationName,
  type CountedResult,
  type CountedRules,
  rulesOf,
} from '../../model/pkvm/counted/index.ts';
import { GIVEN } from './world.ts';

/**
 * The rules of the page-state API, and how those keep to it who use it: the hypervisor's own code, which never asks for
 * what makes a call panic, the code that maps pages for devices, and the guests.
 */
export interface SharingRules extends CountedRules {
  /** Whether the hypervisor makes a call for itself about a page of which it holds so much. */
  mayAsk(name: CountedOperationName, held: number): boolean;
  /** What it holds of a page after a call that was done. */
  heldAfter(name: CountedOperationName, held: number): number;
  /** Whether a page that a device no longer maps loses its pin. */
  readonly unpinsUnmapped: boolean;
  /** Whether a guest takes its page for shared with the host after a call with this result. */
  believesShared(name: CountedOperationName, before: boolean, result: CountedResult): boolean;
}

/** A revision, used as it wants to be used. facts/pkvm-2026.md 1.3, "pKVM only". */
export const sharingRules = (columns: Columns): SharingRules => ({
  ...rulesOf(columns),
  mayAsk: (name, held) => {
    switch (name) {
      case 'hyp_donate_host':
        return held === GIVEN;
      case 'host_unshare_hyp':
        return held > 0;
      default:
        return true;
    }
  },
  heldAfter: (name, held) => {
    switch (name) {
      case 'host_donate_hyp':
      case 'host_donate_hyp_share_ro':
        return GIVEN;
      case 'hyp_donate_host':
        return 0;
      case 'host_share_hyp':
        return held + 1;
      case 'host_unshare_hyp':
        return held - 1;
      default:
        return held;
    }
  },
  unpinsUnmapped: true,
  believesShared: (name, before, result) => (result === 0 ? name === 'guest_share_host' : before),
});
