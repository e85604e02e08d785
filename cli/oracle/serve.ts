import { Command } from 'commander';
import { serve } from '../../oracle/node/serve.ts';
import { countedOperations, protocolOperations } from '../../oracle/protocol/operations.ts';
import type { Operation } from '../../oracle/protocol/operation.ts';
import { Session } from '../../oracle/protocol/session.ts';
import { Exit } from '../exit.ts';
import { interruption } from '../interruption.ts';
import { type ImplementationFlags, implementationOf, withImplementationOption } from './implementation.ts';

/** A line of help on each operation, the rest of it below its beginning. */
const helpOf = (operations: readonly Operation[]): string =>
  operations
    .map(({ name, help }) => `  ${name.padEnd(12)}  ${help.replaceAll('\n', `\n${' '.repeat(16)}`)}`)
    .join('\n');
const ofBoth = countedOperations.filter(one => protocolOperations.includes(one));
const ofCounted = countedOperations.filter(one => !ofBoth.includes(one));

const help = `
One JSON object a line in, one a line out, in order, "id" echoed. 64-bit numbers are "0x…" strings. Ops:
${helpOf(protocolOperations)}
With an implementation that counts (x86-2026, arm64-mainline, …) ${ofBoth.map(({ name }) => name).join(', ')} are the same, and:
${helpOf(ofCounted)}
Answers have "ok"; to a call: "ret", "errno", "rule", "writes": [{"table", "address", "before", "after"}], and where
something was observed "verdict": allowed | forbidden | unknown | out-of-scope. A line that is not understood is
answered with {"ok": false, "error": {"code", "message"}} and the session goes on. "pagewarden schema request" prints
the JSON Schema. The exit code is ${Exit.forbidden} if anything was forbidden, ${Exit.badInput} if a line was not
understood, ${Exit.partial} if a limit was hit or it was interrupted, ${Exit.unknown} if anything was unknown, else ${Exit.ok}.`;

export const serveCommand = (): Command =>
  withImplementationOption(
    new Command('serve').description(
      'Answers JSON Lines on standard input: verdicts on calls, accesses and leaves as they happen',
    ),
    ', unless hello says otherwise',
  )
    .addHelpText('after', help)
    .action(async (flags: ImplementationFlags) => {
      const session = new Session(implementationOf(flags));
      const signal = interruption();
      await serve(session, process.stdin, process.stdout, signal);
      const { forbidden, unknown } = session.summary;
      process.exitCode =
        forbidden > 0
          ? Exit.forbidden
          : session.refused > 0
            ? Exit.badInput
            : signal.aborted || session.limits.length > 0
              ? Exit.partial
              : unknown > 0
                ? Exit.unknown
                : Exit.ok;
    });
