import type { Property } from '../../checker/index.ts';
import { entrySentences } from './entries.ts';
import { grantSentences } from './grant.ts';
import { logProperties } from './log.ts';
import { endings, orderSentences } from './order.ts';
import { reportSentences } from './report.ts';
import { type AccessSentence, inEveryState } from './sentence.ts';
import { writeProperties } from './steps.ts';
import type { ViewedWalk } from './view.ts';
import { writeSentences } from './writes.ts';

export { mustBeZero } from './entries.ts';
export { type AnyOutcome, isSameWrite, type Situation, writesOf } from './situation.ts';
export type { AccessSentence } from './sentence.ts';
export type { ViewedWalk } from './view.ts';

/** What is held of a walk in every state: H1 to H12 but H10, which is about every bit and is held on every path. */
export const walkProperties = (view: ViewedWalk): readonly Property[] => [
  ...inEveryState(view, [...grantSentences, ...orderSentences, ...reportSentences]),
  ...writeProperties(view),
  ...logProperties(view),
  ...endings(view),
];

/** What is held of a walk on every path, whatever the words are: H1 to H12 and what an exit reports. */
export const pathSentences: readonly AccessSentence[] = [
  ...grantSentences,
  ...orderSentences,
  ...entrySentences,
  ...writeSentences,
  ...reportSentences,
];
