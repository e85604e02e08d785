import type { SentenceVerdict } from '../../checker/index.ts';
import { Exit, type ExitCode } from '../exit.ts';

/** What is known of a sentence, whatever proved it. */
export type LabelledSentence = Omit<SentenceVerdict, 'label'> & {
  readonly label: SentenceVerdict['label'] | 'every word' | 'this profile';
};

/** Whether it is known as well as it can be: of every size, of every word, or by an example. */
export const isProven = ({ label }: Pick<LabelledSentence, 'label'>): boolean =>
  label === 'every size' || label === 'every word' || label === 'reached';

/** 0 only where every sentence asked for is proven for every size or every word. */
export function codeOf(sentences: readonly LabelledSentence[]): ExitCode {
  const violated = new Set(sentences.filter(({ label }) => label === 'violated').map(({ kind }) => kind));
  if (violated.has('always') || violated.has('step')) return Exit.violated;
  if (violated.has('recoverable')) return Exit.unrecoverable;
  if (violated.has('twin')) return Exit.twinDisagrees;
  return sentences.every(isProven) ? Exit.ok : Exit.partial;
}

/** Sentences that are named where an exit code is explained. */
const MAX_NAMED = 4;

/** Why the exit code is not 0, where nothing is violated. */
export function whyPartial(sentences: readonly LabelledSentence[]): string[] {
  if (codeOf(sentences) !== Exit.partial) return [];
  const open = sentences.filter(sentence => !isProven(sentence));
  const first = open.slice(0, MAX_NAMED).map(({ id, name, kind }) => `${id ?? name} (${kind})`);
  const more = open.length > MAX_NAMED ? ` and ${open.length - MAX_NAMED} more` : '';
  return [
    `  exit code ${Exit.partial}: ${sentences.length - open.length} of ${sentences.length} sentences are proven for every size or every word, or reached; not ${first.join(', ')}${more}`,
  ];
}

/** A sentence with its label, and why it is no better. */
export const sentenceLines = ({ id, name, label, why }: LabelledSentence): string[] => [
  `  ${label.padEnd(14)}${id === undefined ? '' : `${id} `}${name}`,
  ...(why === undefined || why === '' ? [] : [`${INDENT}because ${why}`]),
];

/** In front of what belongs to a sentence. */
export const INDENT = ' '.repeat(16);
