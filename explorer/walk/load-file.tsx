import { useState } from 'preact/hooks';
import { translate } from '../../model/ept/index.ts';
import { bytesOf, type Dump, readDump } from '../../evidence/dumps/index.ts';
import { inputOfVector, parseInput, type WalkInput } from './walk-input.ts';

interface LoadFileProps {
  readonly input: WalkInput;
  readonly onInput: (input: WalkInput) => void;
}

/** A walk reads at most ten words: five levels of EPT, four of SPPT, and the #VE area. */
const mostWords = 10;

/** The form with the words that its walk reads in a dump: what the dump does not hold stays unknown. */
function wordsFromDump(input: WalkInput, dump: Dump): WalkInput {
  const memory = new Map<bigint, bigint>();
  const filled = (): WalkInput => ({
    ...input,
    unlisted: 'unknown',
    memory: [...memory]
      .map(([address, word]) => `0x${address.toString(16)} 0x${word.toString(16)}`)
      .join('\n'),
  });
  for (let count = 0; count < mostWords; count++) {
    const parsed = parseInput(filled());
    if (!parsed.ok) return filled();
    const outcome = translate(parsed.memory, parsed.cpu, parsed.access);
    const word = outcome.kind === 'unknown' ? dump.read(outcome.address) : undefined;
    if (outcome.kind !== 'unknown' || word === undefined) return filled();
    memory.set(outcome.address, word);
  }
  return filled();
}

interface Vectors {
  readonly kind: 'vectors';
  readonly inputs: readonly { readonly name: string; readonly input: WalkInput }[];
}
type Loaded =
  | Vectors
  | { readonly kind: 'dump'; readonly dump: Dump }
  | { readonly kind: 'refused'; readonly why: string };

/** A file of vectors, a line each; `undefined` where no line is one. */
function vectorsIn(text: string): Vectors | undefined {
  const inputs = text.split('\n').flatMap((line, at) => {
    if (!line.startsWith('{')) return [];
    try {
      const json: unknown = JSON.parse(line);
      const input = inputOfVector(json);
      const id =
        typeof json === 'object' && json !== null && 'id' in json ? String(json.id) : `line ${at + 1}`;
      return input === undefined ? [] : [{ name: id, input }];
    } catch {
      return []; // not JSON, so no vector: the file may still be a dump
    }
  });
  return inputs.length === 0 ? undefined : { kind: 'vectors', inputs };
}

async function load(file: File): Promise<Loaded> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const vectors = bytes[0] === 0x7b ? vectorsIn(new TextDecoder().decode(bytes)) : undefined;
  if (vectors !== undefined) return vectors;
  const [, base] = /@(0x[0-9a-fA-F]+)$/.exec(file.name) ?? [];
  const result = readDump(bytesOf(bytes), base === undefined ? undefined : BigInt(base));
  if (result.ok) return { kind: 'dump', dump: result.dump };
  const { line, why, instead } = result.refusal;
  const at = line === undefined ? '' : `line ${line}: `;
  return {
    kind: 'refused',
    why: `${file.name}: ${at}${why}${instead === undefined ? '' : ` (try: ${instead})`}`,
  };
}

/** Words from a file: vectors a line each, or a dump of physical memory in any format that the oracle reads. */
export function LoadFile({ input, onInput }: LoadFileProps) {
  const [loaded, setLoaded] = useState<Loaded | undefined>();
  const take = (file: File | undefined): void => {
    if (file === undefined) return;
    void load(file).then(found => {
      setLoaded(found);
      if (found.kind === 'vectors' && found.inputs[0] !== undefined) onInput(found.inputs[0].input);
      if (found.kind === 'dump') onInput(wordsFromDump(input, found.dump));
    });
  };
  return (
    <div class="load">
      <label class="field">
        <span>or a file: vectors or a dump</span>
        <input type="file" onChange={event => take(event.currentTarget.files?.[0])} />
      </label>
      {loaded?.kind === 'vectors' ? (
        <label class="field">
          <span>vector</span>
          <select
            aria-label="vector"
            onChange={event => {
              const chosen = loaded.inputs[Number(event.currentTarget.value)];
              if (chosen !== undefined) onInput(chosen.input);
            }}
          >
            {loaded.inputs.map(({ name }, at) => (
              <option key={name} value={at}>
                {name}
              </option>
            ))}
          </select>
        </label>
      ) : null}
      {loaded?.kind === 'dump' ? (
        <p class="hint">
          {loaded.dump.format}: the words that the walk reads were taken from it.{' '}
          <button type="button" onClick={() => onInput(wordsFromDump(input, loaded.dump))}>
            read again
          </button>
        </p>
      ) : null}
      {loaded?.kind === 'refused' ? (
        <p class="bad" role="alert">
          {loaded.why}
        </p>
      ) : null}
    </div>
  );
}
