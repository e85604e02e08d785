import {
  readX86Header,
  readX86Sequence,
  type RecordedSequence,
  type RecordedWorld,
  usualX86World,
  x86RecordSchema,
} from '../../evidence/records/x86-2026.ts';
import {
  callOf,
  countedOperationNames,
  createWorld,
  leafValue,
  type Level,
} from '../../model/pkvm/counted/index.ts';
import type { X86Implementation } from './implementation.ts';
import { callText, type JudgedCall, type RecordingFormat, type RecordingJudge } from './recording.ts';
import { checksOf } from './rules.ts';
import { X86Replay } from './x86-replay.ts';

/** Which sizes of leaves the machine of a sequence maps: what the file says, and what is seen at its start. */
function leafLevels({ leafLevels: stated }: RecordedWorld, { init }: RecordedSequence): readonly Level[] {
  const leaves = [...init.pages.map(({ leaf }) => leaf), ...init.mmio];
  const seen = leaves.filter(({ word }) => leafValue(word).isPresent).map(({ level }) => level);
  return [...new Set<Level>([...stated, ...seen])].sort();
}

function x86Judge(world: RecordedWorld, implementation: X86Implementation): RecordingJudge {
  const replays = new Map<string, X86Replay>();
  const replayFor = (sequence: RecordedSequence): X86Replay => {
    const own = sequence.world ?? world;
    const levels = leafLevels(own, sequence);
    const key = JSON.stringify([levels, sequence.world], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const replay = replays.get(key) ?? new X86Replay({ ...own, leafLevels: [...levels] }, implementation);
    replays.set(key, replay);
    return replay;
  };
  return {
    line: value => {
      const read = readX86Sequence(value);
      if (!read.ok) return read;
      const texts = (value as { readonly calls: readonly object[] }).calls.map(callText);
      return { ok: true, value: judged(replayFor(read.value), read.value, texts) };
    },
  };
}

function* judged(
  replay: X86Replay,
  sequence: RecordedSequence,
  texts: readonly string[],
): Generator<JudgedCall> {
  replay.start(sequence);
  for (const [at, call] of sequence.calls.entries())
    yield { call: at + 1, text: texts[at] ?? '', verdict: replay.judge(call) };
}

/** Every rule of every operation, on a machine with one page of RAM. */
export function x86Rules({ columns }: X86Implementation): ReadonlyMap<string, readonly string[]> {
  const machine = createWorld({
    memblocks: [{ start: 0n, end: 0x1000n }],
    reserved: [],
    leafLevels: [1],
    vms: [{ id: 0, isProtected: false }],
  });
  return new Map(
    countedOperationNames.map(name => {
      const rules = [0n, 0x1000n].flatMap(pa =>
        checksOf(name, callOf(machine, columns, { pa, size: 0x1000n })),
      );
      return [name, ['complete', ...new Set(rules.map(rule => rule.name))]];
    }),
  );
}

/** `pkvm-2026-record/1`. */
export const x86Format: RecordingFormat<X86Implementation> = {
  schema: x86RecordSchema,
  machine: 'x86',
  usual: 'x86-2026',
  isSequence: value => 'init' in value && 'calls' in value && !('run' in value),
  open: (header, implementation) => {
    if (header === undefined) return { ok: true, value: x86Judge(usualX86World, implementation) };
    const read = readX86Header(header);
    return read.ok ? { ok: true, value: x86Judge(read.value, implementation) } : read;
  },
  rules: x86Rules,
};
