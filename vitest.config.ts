import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    pool: 'threads',
    // by itself the runner leaves one core free, which on two cores is half of them
    maxWorkers: Math.max(2, availableParallelism() - 1),
  },
});
