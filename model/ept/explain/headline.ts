import { addressHex } from '../../bits/index.ts';
import type { Outcome } from '../outcome.ts';
import { walkExitReasons } from './exit.ts';

/** What became of an access, in one line. */
export function headline(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'allowed':
      return `allowed: host-physical ${addressHex(outcome.hpa)}, a ${outcome.pageSize} page${outcome.grantedBySpp ? ', granted by the sub-page vector' : ''}`;
    case 'virtualization_exception':
      return 'virtualization exception (#VE, vector 20): no VM exit';
    case 'vmentry_fail':
      return 'the VM entry fails';
    case 'unknown':
      return 'unknown';
    case 'spp_miss':
    case 'spp_misconfig':
      return `${outcome.kind === 'spp_miss' ? 'SPPT miss' : 'SPPT misconfiguration'}: VM exit, reason 66`;
    default:
      return `${walkExitReasons[outcome.exitReason]}: VM exit, reason ${outcome.exitReason}`;
  }
}
