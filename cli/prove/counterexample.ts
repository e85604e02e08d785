import type { Proof, SentenceVerdict } from '../../checker/index.ts';
import { callText } from '../../graphs/call-text.ts';

/** A step in words: what stood before it, the call, and what it led to. */
interface StepInWords {
  readonly before: readonly string[];
  readonly call: string;
  readonly after: readonly string[];
}

/** Why a sentence does not follow: a case that the candidate allows, and how the candidate came to allow it. */
export interface Counterexample {
  readonly before: readonly string[];
  /** The step, where the sentence is about steps, and what it wrote. */
  readonly call?: string;
  readonly after?: readonly string[];
  /** Steps that brought what stands in the case into the candidate: counterexamples to induction. */
  readonly grewBy: readonly (StepInWords & { readonly isNew: string })[];
}

type Atoms = Proof['escapes'][number]['before'];

/** Growths that are told: the first ones say most. */
const MAX_GROWTHS = 3;

/** The counterexample to a sentence of the proof that is not proven; `undefined` where there is none. */
export function counterexample(
  proof: Proof,
  { name, kind, label }: SentenceVerdict,
): Counterexample | undefined {
  if (label !== 'not proven') return undefined;
  const { slots, twin } = proof.system;
  const inWords = ({ slot, value }: Pick<Atoms[number], 'slot' | 'value'>): string => {
    const of = slots[slot];
    return `${of?.name} = ${of?.show?.(value) ?? String(value)}`;
  };
  const doubt = [...proof.held].find(([asked]) =>
    kind === 'twin' ? asked === twin : asked.name === name,
  )?.[1].doubt;
  if (doubt === undefined || doubt.before.length === 0) return undefined;
  const heads = new Set(doubt.before.map(({ head }) => head));
  const grewBy = proof.escapes
    .filter(({ after }) => after.every(({ head }) => heads.has(head)))
    .slice(0, MAX_GROWTHS)
    .map(({ before, action, after, what }) => ({
      before: before.map(inWords),
      call: callText(action),
      after: after.map(inWords),
      isNew: what,
    }));
  const { step } = doubt;
  return {
    before: doubt.before.map(inWords),
    ...(step === undefined
      ? {}
      : {
          call: callText(step.action),
          after: [...step.writes].map(([slot, value]) => inWords({ slot, value })),
        }),
    grewBy,
  };
}

/** It as lines, without indentation. */
export function counterexampleLines({ before, call, after, grewBy }: Counterexample): string[] {
  return [
    `before: ${before.join('; ')}`,
    ...(call === undefined ? [] : [`call:   ${call}`, `after:  ${after?.join('; ')}`]),
    ...grewBy.flatMap(growth => [
      `the candidate allows it since, from: ${growth.before.join('; ')}`,
      `  call: ${growth.call}`,
      `  after, new (${growth.isNew}): ${growth.after.join('; ')}`,
    ]),
  ];
}
