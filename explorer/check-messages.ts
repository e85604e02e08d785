import type { Progress, SentenceVerdict } from '../checker/index.ts';
import type { ExploreAddress } from './address.ts';
import type { LabelledGraph } from '../graphs/labelled-graph.ts';

/** What the page asks of its worker. One question a worker: to stop it is to end the worker. */
export type Question = Asked &
  (
    | { readonly ask: 'check' }
    | { readonly ask: 'prove' }
    | { readonly ask: 'quotient'; readonly view: string }
  );

/** Which system a question is about, by the names in the address. */
export type Asked = Pick<ExploreAddress, 'system' | 'profile' | 'set' | 'mutant'>;

/** A property's verdict, and the path that shows it as the actions' numbers. */
export interface CheckedProperty {
  readonly name: string;
  readonly verdict: 'holds' | 'reached' | 'violated' | 'not reached' | 'undecided';
  readonly about?: string;
  readonly why?: string;
  readonly path?: readonly number[];
}

/** The whole check, as the page shows it. */
export interface CheckReport {
  readonly result: 'pass' | 'fail' | 'partial';
  readonly bound?: string;
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly seconds: number;
  readonly properties: readonly CheckedProperty[];
  /** Where bits and protocol part ways, if they do. */
  readonly disagreement?: { readonly why: string; readonly path: readonly number[] };
}

export type Answer =
  | { readonly answer: 'progress'; readonly progress: Progress }
  | { readonly answer: 'checked'; readonly report: CheckReport }
  | { readonly answer: 'proved'; readonly sentences: readonly SentenceVerdict[] }
  | {
      readonly answer: 'quotient';
      readonly graph: LabelledGraph;
      readonly states: number;
      /** Whether every reachable state was looked at. */
      readonly complete: boolean;
    }
  | { readonly answer: 'fault'; readonly message: string };
