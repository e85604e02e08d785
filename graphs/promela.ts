import type { Decision, LearnedStep, Relations } from '../checker/index.ts';
import { type Claim, claimsOf } from './claims.ts';
import { actionText, countsText, resultText, slotNames, valueText } from './export-names.ts';
import { type Formula, not, where } from './formula.ts';

/** Claims are numbered from 1 in their order; this plus its place is the number of a call that meets the unknown. */
export const UNKNOWN_CALL = 10_000;

/**
 * The learned relations as a Promela model of one process. One option a call, taken in one step, so that SPIN counts
 * the same states and the same transitions, refused calls as self-loops; a never claim asks every state for every
 * sentence and names the one that is broken by its number: `assertion violated (3==0)`.
 */
export function toPromela(relations: Relations, profile: string): string {
  const { system, steps, values } = relations;
  const names = slotNames(system.slots);
  const claims = claimsOf(relations);
  const writer = new PromelaWriter(names);
  return [
    `/* ${comment(countsText(relations, profile))}`,
    ' *   spin -a model.pml && gcc -O2 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -c0 -m1000000',
    ' * SPIN counts the initial state as a transition, too: its "transitions" are ours and one more. */',
    '',
    ...system.slots.flatMap((slot, at) => {
      const known = values[at] ?? [];
      const type = known.length > 256 ? 'int' : 'byte';
      return [
        `${type} ${names[at]} = 0;`,
        ...known.map((value, code) => `  /* ${code}  ${comment([valueText(slot, value)])} */`),
      ];
    }),
    '',
    'active proctype calls() {',
    '  do',
    ...steps.flatMap(({ action, decision }, at) => [
      `  /* ${comment([actionText(action)])} */`,
      ...writer.call(decision, UNKNOWN_CALL + at),
    ]),
    '  od',
    '}',
    '',
    'never {',
    '  do',
    '  :: d_step {',
    ...claims.flatMap((claim, at) => writer.claim(claim, at + 1)),
    '       skip',
    '     }',
    '  od',
    '}',
    '',
  ].join('\n');
}

const comment = (lines: readonly string[]): string => lines.join('\n * ').replaceAll('*/', '* /');

/** What a call may do in one step of a SPIN model. SPIN's own limit is a little over a thousand statements. */
const STEP = 200;

const keyOf = ({ result, writes }: LearnedStep): string => JSON.stringify([result, writes]);

/** Everything that a call may do, once each. */
function outcomesOf(decision: Decision<LearnedStep>): readonly LearnedStep[] {
  const found = new Map<string, LearnedStep>();
  const collect = (at: Decision<LearnedStep>): void => {
    if (at.kind === 'decided') found.set(keyOf(at.as), at.as);
    else for (const { then } of at.branches) collect(then);
  };
  collect(decision);
  return [...found.values()];
}

const chunks = <T>(all: readonly T[]): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / STEP) }, (_, at) => all.slice(at * STEP, (at + 1) * STEP));

class PromelaWriter {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /**
   * A call as one step: an `if` with one option for everything that it may do, and one for what was never seen. SPIN
   * refuses long steps, so that a call that may do very many things is several steps, of which one can be made.
   */
  call(decision: Decision<LearnedStep>, unknown: number): string[] {
    const outcomes = outcomesOf(decision).filter(({ result }) => result !== undefined);
    const disabled = where(decision, ({ result }) => result === undefined);
    const never = `assert(${unknown} == 0)`;
    const isGuarded = disabled.kind !== 'constant';
    if (outcomes.length > 0 && outcomes.length <= STEP) {
      const guard = isGuarded ? [`${this.#formula(not(disabled))};`] : [];
      return this.#step(guard, decision, outcomes, `:: else -> ${never}`);
    }
    const known = where(decision, () => true);
    return [
      ...chunks(outcomes).flatMap(chunk => {
        const keys = new Set(chunk.map(keyOf));
        const guard = `${this.#formula(where(decision, as => keys.has(keyOf(as))))};`;
        return this.#step([guard], decision, chunk);
      }),
      `  :: d_step { ${this.#formula(not(known))}; ${never} }`,
    ];
  }

  #step(
    guard: readonly string[],
    decision: Decision<LearnedStep>,
    outcomes: readonly LearnedStep[],
    rest?: string,
  ): string[] {
    const options = outcomes.map(outcome => {
      const when = where(decision, as => keyOf(as) === keyOf(outcome));
      const writes = outcome.writes.map(({ slot, code }) => `${this.#names[slot]} = ${code}`);
      const result = comment([resultText(outcome.result)]);
      return `:: ${this.#formula(when)} -> ${writes.join('; ') || 'skip'} /* ${result} */`;
    });
    const lines = [...guard, 'if', ...options, ...(rest === undefined ? [] : [rest]), 'fi'];
    return ['  :: d_step {', ...lines.map(line => `       ${line}`), '     }'];
  }

  claim({ key, sentence, formula }: Claim, number: number): string[] {
    return [
      `       /* ${number}  ${key}: ${comment([sentence])} */`,
      `       if :: ${this.#formula(formula)} :: else -> assert(${number} == 0) fi;`,
    ];
  }

  #formula(formula: Formula): string {
    switch (formula.kind) {
      case 'constant':
        return String(formula.value);
      case 'not':
        return `!${this.#formula(formula.of)}`;
      case 'all':
        return `(${formula.of.map(part => this.#formula(part)).join(' && ')})`;
      case 'any':
        return `(${formula.of.map(part => this.#formula(part)).join(' || ')})`;
      case 'in':
        return `(${runs(formula.codes)
          .map(([low, high]) => this.#range(this.#names[formula.slot] ?? '', low, high))
          .join(' || ')})`;
    }
  }

  #range(name: string, low: number, high: number): string {
    if (low === high) return `${name} == ${low}`;
    return low === 0 ? `${name} <= ${high}` : `${name} >= ${low} && ${name} <= ${high}`;
  }
}

/** Codes as runs of neighbours: `0 1 2 5` is 0 to 2 and 5. */
function runs(codes: readonly number[]): readonly (readonly [number, number])[] {
  const found: [number, number][] = [];
  for (const code of [...codes].sort((one, other) => one - other)) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === code - 1) last[1] = code;
    else found.push([code, code]);
  }
  return found;
}
