/** Memory as each tool prints it: what the readers must read back. Shapes: facts/oracle.md 5. */

const hex = (value: number | bigint, digits: number): string => value.toString(16).padStart(digits, '0');

const wordsOf = (bytes: Uint8Array): bigint[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 8 }, (_, i) => view.getBigUint64(8 * i, true));
};

const inRows = <T>(items: readonly T[], width: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / width) }, (_, i) =>
    items.slice(i * width, (i + 1) * width),
  );

const shown = (bytes: readonly number[]): string =>
  bytes.map(byte => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.')).join('');

type Render = (address: number, bytes: Uint8Array) => string;

const lines = (rows: readonly string[]): string => `${rows.join('\n')}\n`;

/** QEMU's monitor: `xp /512gx ADDRESS`. */
export const qemuXp: Render = (address, bytes) =>
  lines(
    inRows(wordsOf(bytes), 2).map(
      (row, i) => `${hex(address + 16 * i, 16)}:${row.map(word => ` 0x${hex(word, 16)}`).join('')}`,
    ),
  );

/** gdb: `x/512gx ADDRESS`. */
const gdbX: Render = (address, bytes) =>
  lines(
    inRows(wordsOf(bytes), 2).map(
      (row, i) => `0x${hex(address + 16 * i, 1)}:${row.map(word => `\t0x${hex(word, 16)}`).join('')}`,
    ),
  );

/** crash: `rd -p -64 ADDRESS 512`. */
const crashRd: Render = (address, bytes) =>
  lines(
    inRows(wordsOf(bytes), 2).map(
      (row, i) =>
        `${hex(address + 16 * i, 1).padStart(16)}:  ${row.map(word => `${hex(word, 16)} `).join('')}  ${shown(
          [...bytes.subarray(16 * i, 16 * i + 16)],
        )}`,
    ),
  );

/** `hexdump -v -C`. */
const hexdumpC: Render = (address, bytes) =>
  lines([
    ...inRows([...bytes], 16).map((row, i) => {
      const cells = row.map((byte, at) => `${at === 8 ? ' ' : ''}${hex(byte, 2)} `).join('');
      return `${hex(address + 16 * i, 8)}  ${cells.padEnd(50)} |${shown(row)}|`;
    }),
    hex(address + bytes.length, 8),
  ]);

/** `xxd -o ADDRESS`. */
const xxd: Render = (address, bytes) =>
  lines(
    inRows([...bytes], 16).map((row, i) => {
      const cells = inRows(row, 2).map(pair => pair.map(byte => hex(byte, 2)).join(''));
      return `${hex(address + 16 * i, 8)}: ${cells.join(' ').padEnd(39)}  ${shown(row)}`;
    }),
  );

/** `od -Ax -tx8 -v`. */
const odHex: Render = (address, bytes) =>
  lines([
    ...inRows(wordsOf(bytes), 2).map(
      (row, i) => `${hex(address + 16 * i, 6)}${row.map(word => ` ${hex(word, 16)}`).join('')}`,
    ),
    hex(address + bytes.length, 6),
  ]);

/** Our own pairs. */
const jsonPairs: Render = (address, bytes) =>
  JSON.stringify(wordsOf(bytes).map((word, i) => [`0x${hex(address + 8 * i, 1)}`, `0x${hex(word, 16)}`]));

/** Every text form, by the format it is recognised as. */
export const renderings: Readonly<Record<string, Render>> = {
  'qemu-xp': qemuXp,
  gdb: gdbX,
  crash: crashRd,
  hexdump: hexdumpC,
  xxd,
  od: odHex,
  json: jsonPairs,
};

/** An ELF core as `dump-guest-memory` writes it: a note and one PT_LOAD a block. */
export function elfCore(
  blocks: readonly { readonly physical: bigint; readonly virtual?: bigint; readonly bytes: Uint8Array }[],
): Uint8Array {
  const headers = 64 + 56 * (blocks.length + 1);
  const size = blocks.reduce((sum, { bytes }) => sum + bytes.length, headers);
  const file = new Uint8Array(size);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 4, true);
  view.setUint16(18, 62, true);
  view.setBigUint64(32, 64n, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, blocks.length + 1, true);
  view.setUint32(64, 4, true);
  let offset = headers;
  for (const [i, { physical, virtual = 0n, bytes }] of blocks.entries()) {
    const at = 64 + 56 * (i + 1);
    view.setUint32(at, 1, true);
    view.setBigUint64(at + 8, BigInt(offset), true);
    view.setBigUint64(at + 16, virtual, true);
    view.setBigUint64(at + 24, physical, true);
    view.setBigUint64(at + 32, BigInt(bytes.length), true);
    file.set(bytes, offset);
    offset += bytes.length;
  }
  return file;
}
