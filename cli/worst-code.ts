import { Exit, type ExitCode } from './exit.ts';

/** The codes in the order in which one says more than another. */
const order: readonly ExitCode[] = [
  Exit.violated,
  Exit.unrecoverable,
  Exit.twinDisagrees,
  Exit.deadlock,
  Exit.partial,
  Exit.notReached,
];

/** The code of several runs: that of the one which says most. */
export const worstCode = (codes: readonly ExitCode[]): ExitCode =>
  order.find(code => codes.includes(code)) ?? Exit.ok;
