import type { Instance, Property, Read } from '../../checker/index.ts';
import type { Access } from '../../model/ept/index.ts';
import type { Origin } from '../origin.ts';
import { always } from '../sentence.ts';
import { type AnyOutcome, outcomeOf, type Situation } from './situation.ts';
import type { ViewedWalk } from './view.ts';

/**
 * A sentence about one access in one situation. The checker holds it in every state of a system whose words are of
 * chosen classes; the proof holds it on every path, whatever the words are.
 */
export interface AccessSentence {
  readonly name: string;
  readonly origin: Origin;
  readonly isMeant: (access: Access) => boolean;
  readonly holds: (situation: Situation, outcome: AnyOutcome) => boolean;
}

export const everyAccess = (): boolean => true;

export const sentence = (
  name: string,
  origin: Origin,
  isMeant: AccessSentence['isMeant'],
  holds: AccessSentence['holds'],
): AccessSentence => ({ name, origin, isMeant, holds });

/** What is true of a state, for every access of some kinds. */
export const forAccesses = (
  view: ViewedWalk,
  isMeant: AccessSentence['isMeant'],
  holds: AccessSentence['holds'],
): readonly Instance[] =>
  view.accesses
    .filter(({ access }) => isMeant(access))
    .map(({ name, access }) => ({
      about: name,
      holds: read => {
        const situation = situationIn(view, access, read);
        return holds(situation, outcomeOf(situation));
      },
    }));

const situationIn = (view: ViewedWalk, access: Access, read: Read): Situation => ({
  memory: view.memory(read),
  cpu: view.cpu(read),
  access,
  rules: view.rules,
  accesses: view.accesses.map(one => one.access),
});

/** Sentences as properties of every state. */
export const inEveryState = (view: ViewedWalk, sentences: readonly AccessSentence[]): readonly Property[] =>
  sentences.map(({ name, origin, isMeant, holds }) =>
    always(name, origin, forAccesses(view, isMeant, holds)),
  );
