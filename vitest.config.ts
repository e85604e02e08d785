import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    pool: 'threads',
    // nothing here keeps state in a module, and loading every module for every file costs a quarter of the run
    isolate: false,
    // by itself the runner leaves one core free, which on two cores is half of them
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
