import type { Action, Instance, Property, Read, Slot } from '../checker/index.ts';
import type { Contents } from '../model/pkvm/index.ts';

/** A system of calls in steps as the sentences about it see it. */
export interface SmpView {
  readonly pages: readonly bigint[];
  /**
   * The words, each with the same word of the sequential order: a call takes its turn there when it asks its first
   * question.
   */
  readonly words: readonly { readonly slot: Slot<bigint>; sequential(read: Read): bigint }[];
  /** Whether nobody holds a lock that protects the words of a page: the host EPT's or a guest's. */
  isQuiet(read: Read): boolean;
  /** The host EPT leaf of a page. */
  hostLeaf(read: Read, page: bigint): bigint;
  /** The slot of that leaf, for asking whether a step changed it. */
  hostSlot(page: bigint): Slot | undefined;
  /** Whether some guest's leaf maps the page and says that it is lent or borrowed. */
  isLentByGuest(read: Read, page: bigint): boolean;
  /** Who can reach a page now: the host as 1, guests by id; by the words or by what is cached. */
  readers(read: Read, page: bigint): readonly number[];
  /** Whether a call that has begun to take back the loan of a page still holds every lock that it took. */
  isRecalled(read: Read, page: bigint): boolean;
  /** The CPU that holds the lock that this one takes next, if one does, with the place of that lock in the order. */
  waitsFor(read: Read, cpu: number): { readonly holder: number; readonly rank: number } | undefined;
  /** Whether no CPU is in the middle of a call. */
  isAllIdle(read: Read): boolean;
  /** The ranks of the locks that a CPU holds. */
  heldBy(read: Read, cpu: number): readonly number[];
  /** What a step is: which CPU makes it, of which operation, with which result of the sequential order. */
  stepOf(action: Action):
    | {
        readonly cpu: number;
        readonly operation: string;
        readonly vm: number;
        /** The lock that it takes, by its place in the order: lower ones are taken first. */
        readonly takesRank?: number;
        readonly isLast: (before: Read, after: Read) => boolean;
        expects(read: Read): number | undefined;
      }
    | undefined;
  readonly cpus: readonly number[];
  isIdle(read: Read, cpu: number): boolean;
  readonly hasTranslations: boolean;
  readonly hasContents: boolean;
  contents(read: Read, page: bigint): Contents;
  /** The page in each CPU's memcache; 0 where none. */
  readonly memcaches: readonly { readonly about: string; page(read: Read): bigint }[];
  /** The sentences of `ownership` about states: I1 to I4. */
  readonly ownership: readonly Property[];
}

/** An instance that speaks only of states in which nobody holds a lock. */
export const outsideLocks = (view: SmpView, { about, holds }: Instance): Instance => ({
  about,
  holds: read => !view.isQuiet(read) || holds(read),
});
