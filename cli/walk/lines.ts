import type { Readable, Writable } from 'node:stream';
import { readJson } from '../../evidence/json-text.ts';
import { maxLineLength, type TextLine } from '../../evidence/lines.ts';
import { inputLines, write } from '../../evidence/node/lines.ts';
import { normative, translate, type WalkRules, outcomeJson } from '../../model/ept/index.ts';
import { fromVector, walkVector } from '../../oracle/protocol/walk-vector.ts';

/** What a line that is not understood gives. */
const refusal = (error: string, line: number): { readonly line: string; readonly ok: false } => ({
  line: JSON.stringify({ error, line }),
  ok: false,
});

/** What one line of input gives: one line of output, and whether it was understood. */
function answerLine(
  text: string,
  lineNumber: number,
  rules: WalkRules = normative,
): { readonly line: string; readonly ok: boolean } {
  const problem = (why: string) => refusal(why, lineNumber);
  const json = readJson(text);
  if (!json.ok)
    return problem(
      json.why.startsWith('not JSON') ? 'not JSON: expected one vector object a line' : json.why,
    );
  const vector = walkVector.safeParse(json.value);
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
 * Answers every line of a stream, in order, in memory that neither the stream nor a line can grow: a slow reader of the output holds the input back. Empty
 * lines are skipped but counted. Returns the number of lines that were not understood.
 */
export async function answerLines(
  input: Readable,
  output: Writable,
  rules: WalkRules = normative,
): Promise<number> {
  let [pending, lineNumber, bad] = ['', 0, 0];
  const flush = async (): Promise<void> => {
    const text = pending;
    pending = '';
    await write(output, text);
  };
  const answer = ({ text, tooLong }: TextLine): void => {
    lineNumber++;
    if (tooLong === undefined && text.trim() === '') return;
    const { line, ok } =
      tooLong === undefined
        ? answerLine(text, lineNumber, rules)
        : refusal(`a line of ${tooLong} characters: at most ${maxLineLength} are read`, lineNumber);
    if (!ok) bad++;
    pending += `${line}\n`;
  };
  for await (const lines of inputLines(input)) {
    for (const line of lines) {
      answer(line);
      if (pending.length >= outputChunk) await flush();
    }
    await flush();
  }
  return bad;
}
