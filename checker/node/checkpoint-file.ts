import { createHash } from 'node:crypto';
import { access, constants, lstat, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { type Checkpoint, CheckpointRefused, SaveRefused, type Snapshot } from '../saving/snapshot.ts';

/**
 * A checkpoint in a file: one line of JSON that says what follows and its SHA-256, then the snapshot as JSON, then the
 * rows as 32-bit words, little-endian.
 */
const FORMAT = 'pagewarden-checkpoint-1';
const Head = z.object({
  format: z.literal(FORMAT),
  snapshotBytes: z.number().int().nonnegative(),
  rowBytes: z.number().int().nonnegative(),
  sha256: z.string(),
});
const count = z.number().int().nonnegative();
const Body: z.ZodType<Snapshot> = z.object({
  system: z.string(),
  behaviour: z.string(),
  perLevel: z.array(count),
  expanded: count,
  deadlock: count.nullable(),
  groups: z.array(z.array(z.array(z.string()))),
  learned: z.array(count),
  known: z.array(count),
  visits: z.array(count),
  fresh: z.array(count),
  states: count,
  words: count,
});
/** The longest first line that is read: a damaged file need not have one at all. */
const HEAD_BYTES = 1024;

/** Writes to a temporary file and renames it, so that the file is always a whole checkpoint, whenever we are killed. */
export async function writeCheckpoint(path: string, { snapshot, rows }: Checkpoint): Promise<void> {
  const body = Buffer.from(JSON.stringify(snapshot));
  const bytes = rows.map(({ buffer, byteOffset, byteLength }) =>
    Buffer.from(buffer, byteOffset, byteLength),
  );
  const hash = createHash('sha256');
  for (const piece of [body, ...bytes]) hash.update(piece);
  const head: z.infer<typeof Head> = {
    format: FORMAT,
    snapshotBytes: body.length,
    rowBytes: bytes.reduce((sum, { length }) => sum + length, 0),
    sha256: hash.digest('hex'),
  };
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    const file = await open(temporary, 'w');
    try {
      for (const piece of [Buffer.from(`${JSON.stringify(head)}\n`), body, ...bytes])
        await file.writeFile(piece);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** @throws SaveRefused where there is something at this path that is no checkpoint, or where none can be written */
export async function assertCanSave(path: string): Promise<void> {
  await access(dirname(path), constants.W_OK);
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return;
  if (!there.isFile()) throw new SaveRefused(`${path} is no plain file: nothing is saved over it`);
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    if (!text.startsWith('{"format":"pagewarden-checkpoint-'))
      throw new SaveRefused(`${path} is no checkpoint: nothing is saved over it`);
  } finally {
    await file.close();
  }
}

/** @throws CheckpointRefused with the reason where the file is not a whole checkpoint */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const file = await readFile(path);
  const headEnd = file.subarray(0, HEAD_BYTES).indexOf('\n');
  const head = Head.safeParse(headEnd < 0 ? undefined : json(file.subarray(0, headEnd)));
  if (!head.success) throw new CheckpointRefused('it is not a checkpoint of this version');
  const { snapshotBytes, rowBytes, sha256 } = head.data;
  const content = file.subarray(headEnd + 1);
  if (content.length !== snapshotBytes + rowBytes)
    throw new CheckpointRefused(
      `it is damaged: it should go on for ${snapshotBytes + rowBytes} bytes after its first line, not ${content.length}`,
    );
  if (createHash('sha256').update(content).digest('hex') !== sha256)
    throw new CheckpointRefused(
      'it is damaged: its content does not have the checksum that its first line names',
    );
  const body = Body.safeParse(json(content.subarray(0, snapshotBytes)));
  if (!body.success) throw new CheckpointRefused(`it is damaged: ${body.error.issues[0]?.message ?? ''}`);
  // copied to where 32-bit words may start
  const rows = new Int32Array(new Uint8Array(content.subarray(snapshotBytes)).buffer);
  return { snapshot: body.data, rows: [rows] };
}

function json(text: Buffer): unknown {
  try {
    return JSON.parse(text.toString('utf8'));
  } catch {
    return undefined;
  }
}
