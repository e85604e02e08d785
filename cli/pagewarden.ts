#!/usr/bin/env node
import { CommanderError } from 'commander';
import { CommandError, Exit } from './exit.ts';
import { program } from './program.ts';

/** A reader that goes away (`| head`) ends the command quietly. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(Exit.ok);
  throw error;
});

try {
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? Exit.ok : Exit.usage;
  } else if (error instanceof CommandError) {
    console.error(`pagewarden: ${error.message}`);
    process.exitCode = error.code;
  } else {
    console.error('pagewarden: a fault of our own, please report it:', error);
    process.exitCode = Exit.fault;
  }
}
