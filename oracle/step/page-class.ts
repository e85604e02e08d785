import { OwnerId, PageState, viewOf } from '../../model/pkvm/index.ts';
import type { Word } from './word.ts';

/**
 * What a guest's own call can change in a host leaf that it does not name: the page is owned by this guest, or the host
 * borrows it. Anything else such a call leaves alone.
 */
export type PageClass = number | 'borrowed' | undefined;

/** The class of a host leaf. */
export function classOf(word: Word | undefined): PageClass {
  if (word === undefined || word === 'unknown') return undefined;
  const { isPresent, ownerId, pageState } = viewOf(word);
  if (pageState === PageState.PKVM_PAGE_SHARED_BORROWED) return 'borrowed';
  return !isPresent && ownerId >= OwnerId.firstGuest ? ownerId : undefined;
}

/** Host leaves by their class, so that those of one class are found without looking at all. */
export class PagesByClass {
  readonly #numbers = new Map<PageClass, Set<number>>();

  of(one: PageClass): readonly number[] {
    return [...(this.#numbers.get(one) ?? [])];
  }

  /** What lies at `number` is of another class now. */
  move(number: number, from: PageClass, to: PageClass): void {
    if (from === to) return;
    if (from !== undefined) this.#numbers.get(from)?.delete(number);
    if (to === undefined) return;
    const held = this.#numbers.get(to) ?? new Set();
    this.#numbers.set(to, held.add(number));
  }
}
