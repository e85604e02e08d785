import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pagewarden } from './run.ts';

const paste = (name: string): string => join('test/golden/pastes', name);

test.each([
  ['0x10003037', '2', '52', 'reserved bits 5:4 are set'],
  ['0x10003087', '2', '52', 'reserved bits 13:12 are set'],
  ['0xfffffc4465825', '1', '46', 'reserved bits 51:46 are set, and N is 46'],
  ['0x2805032', '1', '52', 'bit 1 (write) is 1 and bit 0 (read) is 0'],
])(
  'one entry by itself: %s at level %s with N = %s is misconfigured, and why is named',
  async (word, level, width, why) => {
    const { code, stdout } = await pagewarden(
      'decode',
      '--entry',
      word,
      '--level',
      level,
      '--maxphyaddr',
      width,
    );
    expect(stdout).toContain(`MISCONFIGURED: ${why}`);
    expect(code).toBe(16);
  },
);

test('one entry that is well formed is decoded, and nothing is wrong', async () => {
  const { code, stdout } = await pagewarden('decode', '--entry', '0x1028125d77', '--level', '1', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    name: 'PTE',
    fields: { page: '0x1028125000' },
    misconfigured: [],
  });
  expect(code).toBe(0);
});

test('a table that is not known to be of pKVM has no page states, and marks what is misconfigured', async () => {
  const { stdout } = await pagewarden(
    ...(['decode', '--mem', paste('c20-wonly.json'), '--absent', 'zero'] as const),
    ...(['--root', '0x1000001e', '--kind', 'ept'] as const),
  );
  expect(stdout).toMatch(/-w- MISCONFIGURED: write-without-read/);
  expect(stdout).not.toMatch(/OWNED|NOPAGE|SHARED/);
});

test('the processor and the controls can be told by their words', async () => {
  const walk = (...more: string[]) =>
    pagewarden(
      ...([
        'walk',
        '--mem',
        paste('c05-memory.json'),
        '--eptp',
        '0x114fd601e',
        '--gpa',
        '0x109fff8',
      ] as const),
      ...(['--access', 'rmw', '--page-walk', ...more] as const),
    );
  const said = await walk('--secondary-controls', '0x02040462', '--ve-info', '0x135a04000');
  expect(said.stdout).toContain('exit qualification 0xab');
  expect(said.stdout).toContain('bit 63 (suppress #VE)');
  const without = await walk('--ept-vpid-cap', '0xf0106104141');
  // bit 16 is 0: no 2-MByte pages
  expect(without.stdout).toContain('a size that this processor does not support');
});

test('digits alone are refused with both readings, padded words are hexadecimal', async () => {
  const explain = (word: string) => pagewarden('explain', '--reason', '48', '--qualification', word);
  expect((await explain('981')).stderr).toContain('981 can be 0x981, or 0x3d5 if it is decimal');
  expect((await explain('981')).code).toBe(1);
  expect((await explain('0000000000000981')).stdout).toContain('qualification 0x981');
  const miss = await pagewarden('explain', '--reason', '66', '--qualification', '0000000000000800');
  expect(miss.stdout).toContain('SPPT miss');
});
