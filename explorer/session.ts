import {
  type Action,
  initialState,
  isRefusal,
  type Result,
  stepFrom,
  type System,
  type Trace,
  type Value,
} from '../checker/index.ts';
import type { Mutant, Profile, SystemFamily } from '../systems/index.ts';
import type { ExploreAddress } from './address.ts';
import { shownSystems } from './systems.ts';

/** What is being walked: a system of one size, with one fault or none. */
export interface Session {
  readonly family: SystemFamily;
  readonly profile: Profile;
  readonly mutant: Mutant | undefined;
  readonly system: System;
  /** What the address names and there is not: one sentence each. */
  readonly astray: readonly string[];
}

/** A step of the path, with the state it led to. */
export interface TakenStep {
  readonly action: Action;
  /** The action's number in the system. */
  readonly index: number;
  readonly result: Result;
  readonly state: readonly Value[];
  readonly changes: Trace['steps'][number]['changes'];
}

/** A call that is possible now. */
export interface NextCall {
  readonly action: Action;
  readonly index: number;
  readonly result: Result;
  readonly refused: boolean;
  /** Accepted, and nothing came of it. */
  readonly idle: boolean;
}

const built = new Map<string, System>();

/** The system that an address names; what it names badly is the default. */
export function sessionOf({ system, profile, mutant }: Partial<ExploreAddress>): Session | undefined {
  const systems = shownSystems();
  const family = systems.find(({ name }) => name === system) ?? systems[0];
  const fault = family?.mutants.find(({ name }) => name === mutant);
  const home = fault === undefined ? undefined : (fault.profile ?? family?.mutantProfile);
  const wanted = profile ?? home;
  const size =
    family?.profiles.find(({ name }) => name === wanted) ??
    family?.profiles.find(({ isDefault }) => isDefault) ??
    family?.profiles[0];
  if (family === undefined || size === undefined) return undefined;
  const key = JSON.stringify([family.name, size.name, fault?.name]);
  const known = built.get(key) ?? family.build(size.parameters, fault?.name);
  built.set(key, known);
  const astray = [
    ...(system === undefined || system === family.name
      ? []
      : [`There is no system ${system}: this is ${family.name}.`]),
    ...(profile === undefined || profile === size.name
      ? []
      : [`${family.name} has no size ${profile}: this is ${size.name}.`]),
    ...(mutant === undefined || mutant === fault?.name
      ? []
      : [`${family.name} has no bug ${mutant}: this is without.`]),
  ];
  return { family, profile: size, mutant: fault, system: known, astray };
}

function changesOf(
  system: System,
  before: readonly Value[],
  after: readonly Value[],
): TakenStep['changes'] {
  return system.slots.flatMap((slot, at) => {
    const [was, is] = [before[at], after[at]];
    return was === undefined || is === undefined || was === is ? [] : [{ slot, before: was, after: is }];
  });
}

/** Takes the actions of a path one after the other; ends early at one that does not exist there. */
export function takePath(system: System, path: readonly number[]): TakenStep[] {
  const steps: TakenStep[] = [];
  let state = initialState(system);
  for (const index of path) {
    const action = system.actions[index];
    const next = action === undefined ? undefined : stepFrom(system, state, action);
    if (action === undefined || next === undefined) break;
    steps.push({ action, index, ...next, changes: changesOf(system, state, next.state) });
    state = next.state;
  }
  return steps;
}

/** Every call that exists in a state, with what it would return. */
export function nextCalls(system: System, state: readonly Value[]): NextCall[] {
  return system.actions.flatMap((action, index): NextCall[] => {
    const step = stepFrom(system, state, action);
    if (step === undefined) return [];
    const idle = step.state.every((value, at) => value === state[at]);
    return [{ action, index, result: step.result, refused: isRefusal(system, step.result), idle }];
  });
}
