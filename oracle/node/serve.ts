import type { Readable, Writable } from 'node:stream';
import { limits } from '../protocol/limits.ts';
import type { Session } from '../protocol/session.ts';
import { type InputLine, inputLines, write } from '../../evidence/node/lines.ts';

/**
 * Answers every line of `input`, in order, one line each; empty lines are passed over. Ends after `end` or at the end
 * of the input. A client that sends a line and waits for its answer gets it at once.
 */
export async function serve(session: Session, input: Readable, output: Writable): Promise<void> {
  const answerTo = (line: InputLine): string | undefined => {
    if ('tooLong' in line) return JSON.stringify(session.answerTooLong(line.tooLong));
    return line.text.trim() === '' ? undefined : JSON.stringify(session.answerLine(line.text));
  };
  for await (const lines of inputLines(input, limits.lineLength)) {
    const answers = lines.map(answerTo).filter(answer => answer !== undefined);
    await write(output, answers.map(answer => `${answer}\n`).join(''));
    if (session.hasEnded) return;
  }
}
