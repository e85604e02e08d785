import { x86Revisions } from '../../../model/pkvm/counted/index.ts';
import { knownFaults } from '../x86-replay.ts';
import type { CountedImplementation } from '../implementation.ts';
import type { CountedCall } from './event.ts';

/** The fault of the newest code that such a result of such a call would come of; `undefined` where there is none. */
export function suspectedFault(
  { machine, columns }: CountedImplementation,
  { name, seen }: CountedCall,
): string | undefined {
  const known = knownFaults[name];
  const isBuiltSo = columns === x86Revisions.G2c;
  return machine !== 'x86' || isBuiltSo || known === undefined || seen.result !== known.result
    ? undefined
    : known.fault;
}
