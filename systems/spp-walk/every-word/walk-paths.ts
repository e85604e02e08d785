import { type Fork, pathsOf } from '../../../checker/forks/index.ts';
import type { Observed, Word } from '../../../model/bits/index.ts';
import {
  type Cpu,
  type EntryField,
  normative,
  type Outcome,
  translate,
  type WalkRules,
} from '../../../model/ept/index.ts';
import { type ObservedMemory, observedMemory } from '../../../model/memory/index.ts';
import { type Setting, withFields } from './settings.ts';

/** A set of memories on which a walk asks the same questions, gets the same answers and ends the same way. */
export interface WalkPath {
  readonly setting: Setting;
  readonly outcome: Outcome<Observed>;
  readonly memory: ObservedMemory;
  readonly cpu: Cpu<Word>;
  /**
   * Runs something more on the words of this path, once for every answer to what it asks beyond. `see` gets each
   * result while `memory` is what is known in that run; afterwards it is what it was.
   */
  refine<R>(run: () => R, see: (result: R) => void): void;
}

/** Every path of a walk, depth first: together they are all contents of all words that it can read. */
export function* walkPaths(
  setting: Setting,
  rules: WalkRules = normative,
): Generator<WalkPath, void, undefined> {
  const { cpu: fixed, varies, access } = setting;
  let ask: Fork = () => 0;
  const paths = pathsOf(fork => {
    const memory = observedMemory(answers => ask(answers));
    ask = fork;
    const fields: Partial<Record<EntryField, Word>> = {};
    for (const name of varies) fields[name] = memory.named(name);
    const cpu = withFields(fixed, fields);
    return { memory, cpu, outcome: translate(memory, cpu, access, rules) };
  });
  for (const { result } of paths) {
    const { memory } = result;
    const refine = <R>(run: () => R, see: (result: R) => void): void => {
      const restore = memory.save();
      const refined = pathsOf(fork => {
        ask = fork;
        const found = run();
        see(found);
        restore();
      });
      for (const _ of refined);
    };
    yield { setting, ...result, refine };
  }
}
