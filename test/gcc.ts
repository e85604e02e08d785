import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CType, placesOf } from '../model/bits/index.ts';

/** The C compiler that layouts are held against; without one such tests are skipped. */
export const hasGcc = spawnSync('gcc', ['--version']).status === 0;
if (!hasGcc) console.warn('no gcc here: the layouts are not compared with what a C compiler makes of them');

/** Whether a header is there to be included: `asm/kvm.h`. */
export const hasHeader = (header: string): boolean =>
  hasGcc && spawnSync('gcc', ['-E', '-x', 'c', '-'], { input: `#include <${header}>\n` }).status === 0;

/** What the compiler prints for these C expressions of integer type, after these declarations. */
export function cValues(declarations: string, expressions: readonly string[]): number[] {
  const folder = mkdtempSync(join(tmpdir(), 'pagewarden-'));
  try {
    const prints = expressions.map(expression => `printf("%lld\\n", (long long)(${expression}));`);
    writeFileSync(
      join(folder, 'layout.c'),
      `#include <stddef.h>\n#include <stdint.h>\n#include <stdio.h>\n${declarations}\nint main(void) { ${prints.join('\n')} return 0; }\n`,
    );
    execFileSync('gcc', ['-o', join(folder, 'layout'), join(folder, 'layout.c')]);
    return execFileSync(join(folder, 'layout'), { encoding: 'utf8' }).trim().split('\n').map(Number);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The table's size, offsets and member sizes, as `path offset size` lines, and the same from gcc: a test expects the
 * two to be equal. `tag` is the C type's name where it is not the table's.
 */
export function againstGcc(
  declarations: string,
  type: CType,
  tag: string = type.name,
): { readonly table: string[]; readonly gcc: string[] } {
  // C cannot name the place of a bit field: the structure that holds it is what offsetof answers for
  const places = [
    ...new Map(
      placesOf(type).map(({ path, offset, size, bits }) => {
        const name = bits === undefined ? path : path.slice(0, path.lastIndexOf('.'));
        return [name, [name, offset, size] as const];
      }),
    ).values(),
  ];
  const sized = places.map(([path, , size]) => (size === 0 ? '0' : `sizeof(((${tag} *)0)->${path})`));
  const values = cValues(declarations, [
    `sizeof(${tag})`,
    `_Alignof(${tag})`,
    ...places.map(([path]) => `offsetof(${tag}, ${path})`),
    ...sized,
  ]);
  const line = (path: string, offset: number, size: number): string =>
    `${path} at ${offset}, ${size} bytes`;
  const head = (size: number, alignment: number): string =>
    `${tag}: ${size} bytes, aligned to ${alignment}`;
  return {
    table: [head(type.size, type.alignment), ...places.map(place => line(...place))],
    gcc: [
      head(values[0] ?? NaN, values[1] ?? NaN),
      ...places.map(([path], i) => line(path, values[2 + i] ?? NaN, values[2 + places.length + i] ?? NaN)),
    ],
  };
}
