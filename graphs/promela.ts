import type { Decision, LearnedStep, Relations } from '../checker/index.ts';
import { type Claim, claimsOf } from './claims.ts';
import { actionText, countsText, resultText, slotNames, valueText } from './export-names.ts';
import { type Formula, not, seenIn, where } from './formula.ts';

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
      `  :: d_step { /* ${comment([actionText(action)])} */`,
      ...writer.guard(decision),
      ...writer.call(decision, UNKNOWN_CALL + at, '    '),
      '     }',
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

class PromelaWriter {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** The condition on which a call that may be disabled can be made at all. */
  guard(decision: Decision<LearnedStep>): string[] {
    const disabled = where(decision, ({ result }) => result === undefined);
    return disabled.kind === 'constant' ? [] : [`       ${this.#formula(not(disabled))};`];
  }

  call(decision: Decision<LearnedStep>, unknown: number, indent: string): string[] {
    if (decision.kind === 'decided') {
      const { writes, result } = decision.as;
      const text = writes.map(({ slot, code }) => `${this.#names[slot]} = ${code}`).join('; ');
      return [`${indent}   ${text || 'skip'} /* ${comment([resultText(result)])} */`];
    }
    return [
      `${indent}   if`,
      ...decision.branches.flatMap(({ seen, then }) => [
        `${indent}   :: ${this.#formula(seenIn(decision.slots, seen))} ->`,
        ...this.call(then, unknown, `${indent}   `),
      ]),
      `${indent}   :: else -> assert(${unknown} == 0)`,
      `${indent}   fi`,
    ];
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
