const controller = new AbortController();
const signals = ['SIGINT', 'SIGTERM'] as const;
let isTaken = false;

const stop = (signal: NodeJS.Signals): void => controller.abort(signal);

/** Hears Ctrl-C from the first moment on, while the command that will know what to do about it is still loading. */
export function listenForInterruption(): void {
  for (const signal of signals) process.once(signal, stop);
}

/** Gives the signals back their meaning where a command that began has not taken them: also one that came early. */
export function releaseInterruption(): void {
  if (isTaken) return;
  for (const signal of signals) process.removeListener(signal, stop);
  const early = signals.find(signal => signal === controller.signal.reason);
  if (early !== undefined) process.kill(process.pid, early);
}

/**
 * For commands that end with what they have found: to be called before anything is awaited. The first Ctrl-C asks the
 * run to stop; the second ends the process, as people expect.
 */
export function interruption(): AbortSignal {
  isTaken = true;
  return controller.signal;
}
