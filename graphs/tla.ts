import type { Action, Decision, LearnedStep, Relations } from '../checker/index.ts';
import { claimsOf } from './claims.ts';
import { actionText, countsText, resultText, slotNames, valueText } from './export-names.ts';
import { type Formula, seenIn, where } from './formula.ts';

/**
 * The learned relations as a TLA+ module. The state is one tuple of small numbers, `word`; `Words` says which words
 * they stand for, and `Shown` puts those into the traces. One action a call, so that TLC generates the same states,
 * refused calls as steps that change nothing.
 */
export function toTla(relations: Relations, profile: string, module: string): string {
  const { system, steps, values } = relations;
  const names = slotNames(system.slots);
  const claims = claimsOf(relations);
  const writer = new TlaWriter(names);
  const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, "'")}"`;
  return [
    `---- MODULE ${module} ----`,
    ...countsText(relations, profile).map(line => `\\* ${line}`),
    '\\* TLC counts the initial state as generated, too: "states generated" is the transitions and one more.',
    'EXTENDS Integers',
    '',
    'VARIABLE word',
    '',
    ...names.map((name, at) => `${name} == ${at + 1}`),
    '',
    'Words == <<',
    ...system.slots.map((slot, at) => {
      const known = (values[at] ?? []).map(value => quoted(valueText(slot, value)));
      return `  <<${known.join(', ')}>>${at + 1 < names.length ? ',' : ''} \\* ${slot.name}`;
    }),
    '>>',
    `Shown == [${names.map(name => `${name} |-> Words[${name}][word[${name}] + 1]`).join(', ')}]`,
    '',
    `Init == word = <<${names.map(() => 0).join(', ')}>>`,
    '',
    ...steps.flatMap(({ action, decision }, at) => [
      `\\* ${actionText(action)}`,
      `${call(action, at)} ==`,
      ...writer.call(decision, '  '),
    ]),
    '',
    `Next == ${steps.map(({ action }, at) => call(action, at)).join(' \\/ ')}`,
    'Spec == Init /\\ [][Next]_word',
    '',
    '\\* Whether anything is known of what every call does here.',
    'Known ==',
    ...steps.map(
      ({ action, decision }, at) =>
        `  /\\ ${writer.formula(where(decision, () => true))} \\* ${call(action, at)}`,
    ),
    '',
    ...claims.map(
      ({ key, sentence, formula }) => `\\* ${sentence}\n${key} == ${writer.formula(formula)}\n`,
    ),
    '====',
    '',
  ].join('\n');
}

/** An action of its own for every call, called after the operation, so that TLC's coverage can be read. */
const call = ({ name }: Action, at: number): string => `${name.replaceAll(/\W+/g, '_')}_${at}`;

/**
 * The configuration that asks for everything but the witnesses, whose claims are there to be broken, and what is true
 * or false whatever the state.
 */
export function tlaConfig(relations: Relations, keys: readonly string[] = invariantsOf(relations)): string {
  return [
    'INIT Init',
    'NEXT Next',
    'ALIAS Shown',
    'CHECK_DEADLOCK FALSE',
    ...['Known', ...keys].map(key => `INVARIANT ${key}`),
    '',
  ].join('\n');
}

const invariantsOf = (relations: Relations): readonly string[] =>
  claimsOf(relations).flatMap(({ key, kind, formula }) =>
    kind === 'sometimes' || formula.kind === 'constant' ? [] : [key],
  );

class TlaWriter {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names;
  }

  call(decision: Decision<LearnedStep>, indent: string): string[] {
    if (decision.kind === 'decided') {
      const { result, writes } = decision.as;
      const changes = writes.map(({ slot, code }) => `![${this.#names[slot]}] = ${code}`);
      const next = changes.length === 0 ? 'word' : `[word EXCEPT ${changes.join(', ')}]`;
      return [`${indent}${result === undefined ? 'FALSE' : `word' = ${next}`} \\* ${resultText(result)}`];
    }
    // branches exclude one another: of all that is nested here one line at most is a step
    return decision.branches.flatMap(({ seen, then }) => {
      const [first = '', ...rest] = this.call(then, `${indent}      `);
      return [
        `${indent}\\/ /\\ ${this.formula(seenIn(decision.slots, seen))}`,
        `${indent}   /\\ ${first.trimStart()}`,
        ...rest,
      ];
    });
  }

  formula(formula: Formula): string {
    switch (formula.kind) {
      case 'constant':
        return formula.value ? 'TRUE' : 'FALSE';
      case 'not':
        return `~${this.formula(formula.of)}`;
      case 'all':
        return `(${formula.of.map(part => this.formula(part)).join(' /\\ ')})`;
      case 'any':
        return `(${formula.of.map(part => this.formula(part)).join(' \\/ ')})`;
      case 'in': {
        const word = `word[${this.#names[formula.slot]}]`;
        const codes = [...formula.codes].sort((one, other) => one - other);
        return codes.length === 1 ? `(${word} = ${codes[0]})` : `(${word} \\in {${codes.join(', ')}})`;
      }
    }
  }
}
