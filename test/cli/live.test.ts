import { expect, test } from 'vitest';
import { pagewarden } from './run.ts';

const given = ['live', 'conformance', '--symbols', 'none', '--pages', '0x1', '--gfns', '0x1'];

test.each([
  [['--gdb', '127.0.0.1:1'], /--i-own-this-machine says that it was started for it/],
  [['--gdb', 'example.org:1', '--i-own-this-machine'], /not on this computer: it is not written to/],
])('nothing is written to a machine that is not ours: %s', async (flags, why) => {
  const { code, stderr, stdout } = await pagewarden(...given, ...flags);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(why);
});
