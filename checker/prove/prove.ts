import type { System } from '../system/system.ts';
import { Candidates } from './candidates.ts';
import { Context } from './context.ts';
import { type Escape, Induction, representatives } from './induction.ts';
import { Pause } from './pause.ts';
import { Premises } from './premises.ts';
import { rangeProblem } from './ranges.ts';
import { Refuter } from './refuter.ts';
import type { Sample } from './sample.ts';
import { Samples } from './samples.ts';
import { type Asked, type Held, Sentences } from './sentences.ts';
import type { Counts, Sized } from './sized.ts';
import { Language, Space } from './space.ts';
import { Witnesses } from './witnesses.ts';

export interface ProveOptions {
  /** The most slots that the candidate speaks of at once. */
  readonly width?: number;
  /** Members of the instance that local steps are taken in; four of a sort that is left out. */
  readonly instance?: Counts;
  /** Ends the proof between two calls: what it has not come to is then `partial`. */
  readonly signal?: AbortSignal;
  /** Told where the proof is: a line at a time. */
  readonly log?: (line: string) => void;
}

export interface Proof {
  readonly samples: readonly Sample[];
  readonly space: Space;
  /** The instance that local steps were taken in. */
  readonly system: System;
  readonly counts: Counts;
  readonly candidates: Candidates;
  readonly refuter: Refuter;
  readonly witnesses: Witnesses;
  readonly held: ReadonlyMap<Asked, Held>;
  readonly escapes: readonly Escape[];
  readonly short: readonly string[];
  readonly most: Counts;
  readonly strays: ReadonlyMap<string, string>;
  /** Why calls over ranges are proven for no length but those that were taken, where the system has ranges. */
  readonly ranges: string | undefined;
  /** What the code does otherwise than a proof takes for granted, with the call that shows it. */
  readonly unsound: readonly string[];
  readonly isInterrupted: boolean;
  readonly figures: {
    readonly runs: number;
    readonly contexts: number;
    readonly steps: number;
    readonly passes: number;
    /** Local steps that were taken once more in a larger instance, with other members. */
    readonly replayed: number;
  };
}

const FIRST = 4;
/** Passes after which nothing more is excluded, unless the system asks for more: a search that goes on and on proves nothing. */
const MAX_PASSES = 12;

export async function prove(
  sized: Sized,
  { width = 4, instance = {}, signal, log = () => undefined }: ProveOptions = {},
): Promise<Proof> {
  const language = new Language();
  const started = performance.now();
  const say = (text: string): void => log(`${((performance.now() - started) / 1000).toFixed(2)} s ${text}`);
  const pause = new Pause(signal);
  const samples = new Samples(sized, language, signal);
  await samples.explore();
  for (const { length, isWhole, space } of samples.all)
    say(
      `explored ${length}${isWhole ? '' : '+'} states of ${[...(space.system.sorts?.members ?? [])].map(([sort, all]) => `${all.length} ${sort}`).join(', ')}`,
    );
  const candidates = new Candidates();
  const witnesses = new Witnesses();
  for (const sample of samples.all) candidates.learn(sample);
  witnesses.learn(samples.all);
  say(`${candidates.pairs.size} pairs, ${candidates.units} units, ${witnesses.all.length} witnesses`);
  const counts = Object.fromEntries(sized.sorts.map(({ name }) => [name, instance[name] ?? FIRST]));
  const space = new Space(sized.build(counts), language);
  const context = new Context(space, candidates);
  const premises = new Premises(sized, counts, context);
  candidates.addInitial(space);
  candidates.addInitial(premises.larger);
  for (const [slot, { initial }] of space.slots.entries())
    for (const obligation of witnesses.of(space, space.atom(slot, initial))) witnesses.drop(obligation);
  say(`${candidates.pairs.size} pairs, ${witnesses.all.length} witnesses`);
  const refuter = new Refuter(context, witnesses, samples, width);
  const sentences = new Sentences(refuter);
  const { properties, twin } = space.system;
  const isOpen = ({ name }: Asked): boolean => !samples.isBroken(name);
  const ofStep = properties.filter(property => property.kind === 'step');
  const ofStepOrTwin = [...ofStep, ...(twin === undefined ? [] : [twin])];
  let isAsking = false;
  const induction = new Induction(context, candidates, {
    refuter,
    witnesses,
    checks: [
      (step, cases) => {
        if (!isAsking) return;
        premises.look(step);
        for (const sentence of ofStepOrTwin) if (isOpen(sentence)) sentences.step(sentence, step, cases);
      },
    ],
  });
  const calls = representatives(space);
  let passes = 0;
  let isInterrupted = false;
  for (;;) {
    passes++;
    refuter.isFrozen = passes > (sized.passes ?? MAX_PASSES);
    induction.changed = false;
    sentences.changed = false;
    induction.steps = 0;
    if (isAsking) for (const sentence of ofStepOrTwin) sentences.begin(sentence);
    for (const call of calls) {
      isInterrupted ||= await pause.isOver();
      if (isInterrupted) break;
      say(`pass ${passes}, ${space.system.actions[call]?.name}: ${induction.cases.count} contexts`);
      induction.take(call);
    }
    if (isInterrupted) break;
    if (isAsking)
      for (const property of properties) {
        if (samples.isBroken(property.name)) continue;
        if (property.kind === 'always') sentences.always(property, induction.cases);
        if (property.kind === 'recoverable') sentences.recoverable(property, induction.cases);
      }
    say(
      `pass ${passes}${isAsking ? ' with sentences' : ''}: ${induction.steps} steps, ${induction.cases.count} contexts, ${induction.cases.runner.runs} runs, ${candidates.pairs.size} pairs, ${refuter.exclusions.size} exclusions, ${witnesses.all.length} witnesses, ${induction.escapes.length} escapes`,
    );
    if (await samples.explore())
      say(
        `explored ${samples.all
          .slice(-1)
          .map(({ length }) => length)
          .join()}, ${samples.all.length} samples`,
      );
    if (induction.changed || sentences.changed) {
      isAsking = false;
      continue;
    }
    if (isAsking) break;
    isAsking = true;
  }
  const { ranges } = space.system;
  const rangeWhy =
    ranges === undefined || isInterrupted ? undefined : rangeProblem(ranges, induction.cases, refuter);
  const nameOf = (sort: number): string => language.sorts.text(sort);
  return {
    samples: samples.all,
    space,
    system: space.system,
    counts,
    candidates,
    refuter,
    witnesses,
    held: sentences.held,
    escapes: induction.escapes,
    short: [...context.short].map(nameOf),
    most: Object.fromEntries(context.most.map((most, sort) => [nameOf(sort), most])),
    strays: induction.cases.runner.strays,
    ranges: rangeWhy,
    unsound: premises.broken,
    isInterrupted,
    figures: {
      runs: induction.cases.runner.runs,
      contexts: induction.cases.count,
      steps: induction.steps,
      passes,
      replayed: premises.replayed,
    },
  };
}
