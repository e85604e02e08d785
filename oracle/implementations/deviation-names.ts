import { argumentChecks, behaviours, leafChecks, stepWrites, writeFault } from '../../model/pkvm/index.ts';

/** Every name by which an implementation may differ from the specification. */
export const deviationNames: ReadonlySet<string> = new Set([
  ...argumentChecks,
  ...leafChecks.map(({ name }) => name),
  ...Object.keys(behaviours),
  ...stepWrites.flatMap(step =>
    (['left_out', ...step.fields] as const).map(fault => writeFault(step, fault)),
  ),
]);

export const isDeviation = (name: string): boolean => deviationNames.has(name);
