import { gzipSync } from 'node:zlib';

/** A file or a folder of the archive. */
export interface Member {
  readonly name: string;
  /** Without content: a folder. */
  readonly content?: Uint8Array;
}

const isFolder = 0o040755;
const isProgram = 0o100755;

/** An initramfs: a gzipped cpio archive in the form "newc" (the kernel's Documentation/driver-api/early-userspace). */
export function initramfs(members: readonly Member[]): Uint8Array {
  const parts = [...members, { name: 'TRAILER!!!', content: new Uint8Array() }].flatMap(
    ({ name, content }, at) => {
      const size = content?.length ?? 0;
      const fields = [
        at + 1,
        content === undefined ? isFolder : isProgram,
        0,
        0,
        1,
        0,
        size,
        0,
        0,
        0,
        0,
        name.length + 1,
        0,
      ];
      const header = Buffer.from(
        `070701${fields.map(field => field.toString(16).padStart(8, '0')).join('')}${name}\0`,
      );
      return [padded(header), padded(Buffer.from(content ?? []))];
    },
  );
  return gzipSync(Buffer.concat(parts));
}

/** Everything in the archive begins at a multiple of 4 bytes. */
const padded = (bytes: Buffer): Buffer =>
  Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
