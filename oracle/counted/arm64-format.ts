import {
  arm64Recorded,
  arm64RecordSchema,
  type Arm64Sequence,
  readArm64Header,
  readArm64Sequence,
} from '../../evidence/records/arm64-live.ts';
import {
  arm64CallOf,
  arm64OperationNames,
  createArm64World,
  hasOperation,
} from '../../model/pkvm/counted/arm64/index.ts';
import { Arm64Replay } from './arm64-replay.ts';
import { arm64ChecksOf } from './arm64-rules.ts';
import type { Arm64Implementation } from './implementation.ts';
import { callText, type JudgedCall, type RecordingFormat, type RecordingJudge } from './recording.ts';

/** Sequences of one run were made on one machine, in the order of the file. */
function arm64Judge(implementation: Arm64Implementation): RecordingJudge {
  const runs = new Map<string, Arm64Replay>();
  return {
    line: value => {
      const read = readArm64Sequence(value);
      if (!read.ok) return read;
      const { run } = read.value;
      const replay = runs.get(run) ?? new Arm64Replay(read.value, implementation);
      runs.set(run, replay);
      const texts = (value as { readonly calls: readonly object[] }).calls.map(callText);
      return { ok: true, value: judged(replay, read.value, texts) };
    },
  };
}

function* judged(
  replay: Arm64Replay,
  sequence: Arm64Sequence,
  texts: readonly string[],
): Generator<JudgedCall> {
  replay.start(sequence);
  for (const [at, call] of sequence.calls.entries())
    yield { call: at + 1, text: texts[at] ?? '', verdict: replay.judge(call) };
}

export function arm64Rules({ columns }: Arm64Implementation): ReadonlyMap<string, readonly string[]> {
  const machine = createArm64World({
    memblocks: arm64Recorded.memblocks,
    physicalBits: 48,
    ipaBits: 48,
    hasXnx: true,
    vms: [{ id: 0, isProtected: false, handle: arm64Recorded.firstHandle, isDying: false }],
  });
  const call = arm64CallOf(machine, columns, {});
  return new Map(
    arm64OperationNames
      .filter(name => hasOperation(columns, name))
      .map(name => [name, ['complete', ...new Set(arm64ChecksOf(name, call).map(check => check.name))]]),
  );
}

/** `pkvm-arm64-live-record/1`. */
export const arm64Format: RecordingFormat<Arm64Implementation> = {
  schema: arm64RecordSchema,
  machine: 'arm64',
  usual: 'arm64-mainline',
  isSequence: value => 'init' in value && 'calls' in value && 'run' in value,
  open: (header, implementation) => {
    const read = header === undefined ? undefined : readArm64Header(header);
    return read?.ok === false ? read : { ok: true, value: arm64Judge(implementation) };
  },
  rules: arm64Rules,
};
