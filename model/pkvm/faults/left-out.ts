import { faultOf } from '../../fault.ts';
import { argumentChecks, type ArgumentCheckName } from '../arguments.ts';
import { leafChecks } from '../check.ts';
import { operationNames, type Operations } from '../operations.ts';
import type { PkvmRules } from '../rules.ts';
import type { Transition } from '../transition.ts';
import { halfDone } from './half-done.ts';

const fault = faultOf<PkvmRules>();

/** The operations with every transition changed in the same way. */
export const changingTransitions = (
  operations: Operations,
  change: (transition: Transition) => Transition,
): Operations =>
  operationNames.reduce<Operations>(
    (all, name) => ({ ...all, [name]: { ...all[name], transition: change(all[name].transition) } }),
    operations,
  );

export const withoutArgumentCheck = (
  { argumentChecks: asked }: PkvmRules,
  name: ArgumentCheckName,
): Pick<PkvmRules, 'argumentChecks'> => ({ argumentChecks: asked.filter(check => check.name !== name) });

/** Nobody asks for the table page: that there is none shows when the completer needs it. */
export const failsForWantOfTablePage = (rules: PkvmRules): Partial<PkvmRules> => ({
  ...withoutArgumentCheck(rules, 'arguments.table_pages'),
  carryOut: (request, pages) =>
    request.tables.tablePages === 'exhausted' && request.operation.transition.mapsGuest
      ? halfDone(request, pages)
      : rules.carryOut(request, pages),
});

/** A check of the arguments left out, by the check's name. */
export const argumentFaults = argumentChecks.map(({ name, rule, source }) =>
  name === 'arguments.table_pages'
    ? fault(name, 'nobody asks whether a table page can be had', source, failsForWantOfTablePage)
    : fault(name, `nobody asks whether ${rule}`, source, rules => withoutArgumentCheck(rules, name)),
);

/** A check of a leaf left out, by the check's name. */
export const leafFaults = leafChecks.map(({ name, rule, source }) =>
  fault(name, `nobody asks whether ${rule}`, source, ({ operations }) => ({
    operations: changingTransitions(operations, transition => ({
      ...transition,
      request: transition.request.filter(check => check.name !== name),
      acknowledge: transition.acknowledge.filter(check => check.name !== name),
    })),
  })),
);
