import { fileURLToPath } from 'node:url';
import type { Parameters } from '../systems/index.ts';

/** A size of the ownership system, and the hand-written model of it that SPIN gets. */
export interface BenchProfile {
  readonly name: string;
  readonly about: string;
  readonly pages: number;
  readonly parameters: Parameters;
  readonly promela: string;
  /** The size of SPIN's hash table, as a power of two: about four times the states. */
  readonly hashBits: number;
  /** Checkers that are too slow here for anybody to wait. */
  readonly without: readonly string[];
}

const promela = (name: string): string =>
  fileURLToPath(new URL(`../../bench/promela/${name}.pml`, import.meta.url));

/** What `--set` takes. */
export const setText = ({ parameters }: BenchProfile): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}=${value}`)
    .join();

export const own = (pages: number): BenchProfile => ({
  name: `own gpas, ${pages} pages`,
  about:
    'a pure product: the pages never meet and one page proves them all, so this times engines and proves nothing',
  pages,
  parameters: { pages, gpas: 'own', protected: 2, normal: 2, calls: 'matching' },
  promela: promela('own-gpas'),
  hashBits: Math.min(26, 3 * pages + 2),
  without: [
    ...(pages > 4 ? ['@xstate/graph'] : []),
    ...(pages > 5 ? ['plain'] : []),
    ...(pages > 6 ? ['TLC'] : []),
  ],
});

export const coupled = (pages: number): BenchProfile => ({
  name: `shared gpas and ranges of 2, ${pages} pages`,
  about: 'the pages meet: they compete for the same guest pages, and a call takes two of them at once',
  pages,
  parameters: { pages, gpas: 3, protected: 2, normal: 2, range: 2, calls: 'matching' },
  promela: promela('coupled'),
  hashBits: pages > 5 ? 26 : 23,
  without: ['@xstate/graph', 'plain', 'TLC'],
});
