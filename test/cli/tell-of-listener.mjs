import { writeSync } from 'node:fs';

/** Preloaded into a command under test: says on file descriptor 3 when the command begins to listen for Ctrl-C. */
process.on('newListener', name => {
  if (name === 'SIGINT') setImmediate(() => writeSync(3, 'listening'));
});
