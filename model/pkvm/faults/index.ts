import { type Fault, faultTable, withFaults } from '../../fault.ts';
import type { PkvmRules } from '../rules.ts';
import { specified } from '../specified.ts';
import { callFaults } from './calls.ts';
import { entryPointFaults, splitFaults } from './entry-points.ts';
import { argumentFaults, leafFaults } from './left-out.ts';
import { writeFaults } from './writes.ts';

const ofOperations = [...argumentFaults, ...leafFaults, ...callFaults, ...writeFaults];
export { writeFaults };
/** A check left out, a write left out or wrong, or what the operations of real code did. */
export type OperationFaultName = (typeof ofOperations)[number]['name'];

const all = [...ofOperations, ...entryPointFaults, ...splitFaults];
export type PkvmFaultName = (typeof all)[number]['name'];

/** Every fault of pKVM, by name. */
export const pkvmFaults = faultTable<PkvmRules, PkvmFaultName>(all);

/** The names by which a description of an implementation says what its operations do wrong. */
export const operationFaultNames: ReadonlySet<string> = new Set(ofOperations.map(({ name }) => name));
export const isOperationFault = (name: string): name is OperationFaultName => operationFaultNames.has(name);

/** These faults in the order in which they are applied: where two touch the same rule it makes a difference. */
export const pkvmFaultsNamed = (names: readonly PkvmFaultName[]): Fault<PkvmRules, PkvmFaultName>[] =>
  all.filter(({ name }) => names.includes(name));

/** The rules of the specification with these faults. */
export const rulesWith = (names: readonly PkvmFaultName[]): PkvmRules =>
  withFaults(specified, pkvmFaultsNamed(names));
