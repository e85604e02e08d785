import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { normative, translate, type WalkRules, outcomeJson } from '../../model/ept/index.ts';
import { fromVector, walkVector } from '../../oracle/protocol/walk-vector.ts';

/** What one line of input gives: one line of output, and whether it was understood. */
function answerLine(
  text: string,
  lineNumber: number,
  rules: WalkRules = normative,
): { readonly line: string; readonly ok: boolean } {
  const problem = (why: string) => ({ line: JSON.stringify({ error: why, line: lineNumber }), ok: false });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return problem('not JSON: expected one vector object a line');
    throw error;
  }
  const vector = walkVector.safeParse(parsed);
  if (!vector.success) {
    const [issue] = vector.error.issues;
    return problem(`${issue?.path.join('.') || 'line'}: ${issue?.message ?? 'not a vector'}`);
  }
  const { memory, cpu, access } = fromVector(vector.data);
  const { id } = vector.data;
  const outcome = outcomeJson(translate(memory, cpu, access, rules));
  return { line: JSON.stringify(id === undefined ? outcome : { id, ...outcome }), ok: true };
}

const outputChunk = 65_536;

/**
 * Answers every line of a stream, in order, in flat memory: a slow reader of the output holds the input back. Empty
 * lines are skipped but counted. Returns the number of lines that were not understood.
 */
export async function answerLines(
  input: Readable,
  output: Writable,
  rules: WalkRules = normative,
): Promise<number> {
  const decoder = new StringDecoder('utf8');
  let [rest, pending, lineNumber, bad] = ['', '', 0, 0];
  const flush = async (): Promise<void> => {
    const text = pending;
    pending = '';
    if (text !== '' && !output.write(text)) await new Promise(done => output.once('drain', done));
  };
  const answer = (text: string): void => {
    lineNumber++;
    if (text.trim() === '') return;
    const { line, ok } = answerLine(text, lineNumber, rules);
    if (!ok) bad++;
    pending += `${line}\n`;
  };
  for await (const chunk of input) {
    const lines = (rest + decoder.write(chunk as Buffer)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      answer(line);
      if (pending.length >= outputChunk) await flush();
    }
    await flush();
  }
  if (rest + decoder.end() !== '') answer(rest);
  await flush();
  return bad;
}
