#!/usr/bin/env node
import { Exit } from './exit.ts';
import { codeOfCutOff, failureOf } from './failure.ts';
import { listenForInterruption } from './interruption.ts';
import { delayOptimising } from './optimiser.ts';
import { run } from './program.ts';

/**
 * A reader that goes away (`| head`) ends the command quietly; the command that is done by then still says how it went.
 * What could not be written for another reason (a full disk) was not said: then no verdict stands.
 */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  const isLost = error.code !== 'EPIPE';
  if (isLost) console.error(`pagewarden: standard output: ${error.message}`);
  setImmediate(() => process.exit(isLost ? Exit.fault : codeOfCutOff(process.exitCode)));
});

listenForInterruption();
delayOptimising();

try {
  await run(process.argv.slice(2));
} catch (error) {
  const failure = failureOf(error);
  process.exitCode = failure?.code ?? 0;
  if (failure !== undefined) {
    const { code, message, isPrinted } = failure;
    if (!isPrinted) console.error(`pagewarden: ${message}`);
    if (process.argv.includes('--json')) console.log(JSON.stringify({ error: message, exit: code }));
  }
}
