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

import type { Asked } from './check-messages.ts';
import { sizeWith } from './own-size.ts';
import { shownSystems } from './systems.ts';

/** What is being walked: a system of one size, with one fault or none. */
export interface Session {
  readonly family: SystemFamily;
  readonly profile: Profile;
  readonly mutant: Mutant | undefined;
  /** The same in the names of the address: what the worker is asked with. */
  readonly asked: Asked;
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
export function sessionOf({ system, profile, set, mutant }: Asked): Session | undefined {
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
  const own = sizeWith(family, size, set);
  const key = JSON.stringify([family.name, own.profile.parameters, fault?.name]);
  const known = built.get(key) ?? family.build(own.profile.parameters, fault?.name);
  built.set(key, known);
  const asked: Asked = {
    system: family.name,
    profile: size.name,
    ...(set === undefined || own.problem !== undefined ? {} : { set }),
    ...(fault === undefined ? {} : { mutant: fault.name }),
  };
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
    ...(own.problem === undefined ? [] : [`${own.problem}: this is ${size.name} as it is.`]),
  ];
  return { family, profile: own.profile, mutant: fault, asked, system: known, astray };
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
