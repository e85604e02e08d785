import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { answerLines } from '../../../cli/walk/lines.ts';

const vector = JSON.stringify({
  eptp: '0x1001e',
  memory: { '0x10000': '0x11007' },
  access: { kind: 'read', gpa: '0x0' },
});

async function answers(text: string, chunk = 7): Promise<{ bad: number; lines: unknown[] }> {
  const input = Readable.from(
    Array.from({ length: Math.ceil(text.length / chunk) }, (_, i) =>
      Buffer.from(text.slice(i * chunk, (i + 1) * chunk)),
    ),
  );
  const output = new PassThrough({ highWaterMark: 16 });
  const written: string[] = [];
  output.on('data', piece => written.push(String(piece)));
  const bad = await answerLines(input, output);
  output.end();
  const lines = written.join('').trim().split('\n');
  return { bad, lines: lines.map(line => JSON.parse(line) as unknown) };
}

test('every vector gets one outcome, in order, with its id', async () => {
  const second = vector.replace('{', '{"id":"b",');
  const { bad, lines } = await answers(`${vector}\n${second}\n`);
  expect(bad).toBe(0);
  expect(lines).toMatchObject([
    { kind: 'ept_violation', level: 3 },
    { id: 'b', kind: 'ept_violation' },
  ]);
});

test('a word that a vector does not list is zero', async () => {
  const { lines } = await answers(vector);
  expect(lines).toMatchObject([{ level: 3, walk: ['0x10000', '0x11000'], cause: { why: 'not-present' } }]);
});

test('a malformed line gets an error with its line number and the rest goes on', async () => {
  const { bad, lines } = await answers(`{\n\n{"eptp":3}\n${vector}`);
  expect(bad).toBe(2);
  expect(lines).toMatchObject([
    { line: 1, error: 'not JSON: expected one vector object a line' },
    { line: 3, error: expect.stringContaining('eptp: ') as unknown },
    { kind: 'ept_violation' },
  ]);
});

test.each([
  ['an address between words', { memory: { '0x10004': '0x0' } }, 'memory'],
  ['a word of more than 64 bits', { memory: { '0x0': '0x10000000000000000' } }, 'memory.0x0'],
  ['an access of no bytes', { access: { kind: 'read', gpa: '0x0', size: 0 } }, 'access.size'],
  [
    'a guest-physical address of 53 bits',
    { access: { kind: 'read', gpa: '0x10000000000000' } },
    'access.gpa',
  ],
  ['an unknown kind of access', { access: { kind: 'peek', gpa: '0x0' } }, 'access.kind'],
  ['an impossible address width', { maxphyaddr: 53 }, 'maxphyaddr'],
])('%s is refused and named', async (_, wrong, where) => {
  const { bad, lines } = await answers(
    JSON.stringify({ ...(JSON.parse(vector) as object), ...wrong }),
    4096,
  );
  expect(bad).toBe(1);
  expect(lines).toMatchObject([{ error: expect.stringContaining(where) as unknown }]);
});
