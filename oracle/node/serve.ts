import type { Readable, Writable } from 'node:stream';
import type { TextLine } from '../../evidence/lines.ts';
import { EncodingError, inputLines, write } from '../../evidence/node/lines.ts';
import { limits } from '../protocol/limits.ts';
import type { Session } from '../protocol/session.ts';

/**
 * Answers every line of `input`, in order, one line each; empty lines are passed over. Ends after `end`, at the end of
 * the input or when `signal` says so: what stands behind `end` is not answered, whether or not it came with it. A client
 * that sends a line and waits for its answer gets it at once.
 */
export async function serve(
  session: Session,
  input: Readable,
  output: Writable,
  signal?: AbortSignal,
): Promise<void> {
  const stop = (): void => void input.destroy();
  const isStopped = (): boolean => signal?.aborted === true;
  if (isStopped()) return stop();
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for await (const lines of inputLines(input, limits.lineLength)) {
      await write(output, answersTo(session, lines));
      if (session.hasEnded || isStopped()) return;
    }
  } catch (error) {
    if (error instanceof EncodingError)
      await write(output, `${JSON.stringify(session.refuseText(error.message))}\n`);
    else if (!isStopped()) throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function answersTo(session: Session, lines: readonly TextLine[]): string {
  let answers = '';
  for (const { text, tooLong } of lines) {
    if (session.hasEnded) break;
    if (tooLong === undefined && text.trim() === '') continue;
    const answer = tooLong === undefined ? session.answerLine(text) : session.answerTooLong(tooLong);
    answers += `${JSON.stringify(answer)}\n`;
  }
  return answers;
}
