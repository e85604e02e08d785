import { createInterface } from 'node:readline';
import { writeSync } from 'node:fs';
import { failureOf } from '../../dist/cli/failure.js';
import { run } from '../../dist/cli/program.js';

/*
 * The built command, many times in one process: whatever takes long to load is loaded once. A line on standard input
 * is the arguments of a run as JSON; the line that answers it, on file descriptor 3, is how the run ended.
 */
let [stdout, stderr] = ['', ''];
process.stdout.write = chunk => ((stdout += String(chunk)), true);
process.stderr.write = chunk => ((stderr += String(chunk)), true);
for await (const line of createInterface({ input: process.stdin })) {
  [stdout, stderr, process.exitCode] = ['', '', 0];
  await run(JSON.parse(line)).catch(error => {
    const { code = 0, message = '', isPrinted = true } = failureOf(error) ?? {};
    process.exitCode = code;
    if (!isPrinted) console.error(`pagewarden: ${message}`);
  });
  writeSync(3, `${JSON.stringify({ code: process.exitCode, stdout, stderr })}\n`);
}
