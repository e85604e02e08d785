import { faultOf, without } from '../../../model/fault.ts';
import type { TriedFault } from '../../system.ts';
import { setChecks, shareChecks } from '../checks.ts';
import type { GuardRules } from '../rules.ts';

const fault = faultOf<GuardRules>();

/** Each check of the interface left out. */
export const checksLeftOut: readonly TriedFault<GuardRules>[] = [
  ...setChecks.map(({ name, rule: sentence, source }) => ({
    ...fault(`without ${name}`, `nobody asks whether ${sentence}`, source, rules => ({
      setChecks: without(rules.setChecks, name),
    })),
    ...(name === 'set.sppt' ? { profile: 'donated' } : {}),
  })),
  ...shareChecks.map(({ name, rule: sentence, source }) =>
    fault(`without ${name}`, `nobody asks whether ${sentence}`, source, rules => ({
      shareChecks: without(rules.shareChecks, name),
    })),
  ),
];
