import { arrangements, choose } from '../pages/combinations.ts';
import type { OwnershipSize } from './size.ts';

/**
 * How many states the ownership system has, without exploring it. Each page is with the host or the hypervisor, or
 * at one leaf of one guest; no two pages share a leaf. A protected guest's leaf has two states (owned, shared back),
 * a normal guest's one, each for every grant. So: choose the a pages that protected guests hold and their leaves, the
 * b pages that normal guests borrow and theirs, and two ways for each of the rest.
 */
export function stateCount({ pages, gpas, protected: guarded, normal, prots }: OwnershipSize): number {
  if (gpas === 'own') return (2 + prots * (2 * guarded + normal)) ** pages;
  const [guardedLeaves, normalLeaves] = [guarded * gpas, normal * gpas];
  let sum = 0;
  for (let a = 0; a <= Math.min(pages, guardedLeaves); a++) {
    for (let b = 0; b <= Math.min(pages - a, normalLeaves); b++) {
      const held = choose(pages, a) * arrangements(guardedLeaves, a) * (2 * prots) ** a;
      const borrowed = choose(pages - a, b) * arrangements(normalLeaves, b) * prots ** b;
      sum += held * borrowed * 2 ** (pages - a - b);
    }
  }
  return sum;
}
