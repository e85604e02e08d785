import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type AnyStateMachine, StateMachine } from 'xstate';
import { fromMachine } from '../../graphs/from-machine.ts';
import { picturesIn, withPictures } from '../../graphs/markdown.ts';
import { toMermaid } from '../../graphs/mermaid.ts';
import * as exported from '../../machines/index.ts';

const { machines } = exported;

const read = (file: string): string => readFileSync(resolve(import.meta.dirname, '../..', file), 'utf8');
const draw = (name: string): string => {
  const entry = machines.find(machine => machine.name === name);
  if (entry === undefined) throw new Error(`there is no machine ${name}`);
  return toMermaid(fromMachine(entry.machine, entry));
};

describe('the pictures in the documents', () => {
  for (const file of ['README.md', 'graphs/pictures.md']) {
    test(`of ${file} are what the code draws (npm run pictures draws them anew)`, () => {
      expect(withPictures(read(file), draw)).toBe(read(file));
    });
  }

  test('show every machine that there is', () => {
    const isMachine = (value: unknown): value is AnyStateMachine => value instanceof StateMachine;
    const all = Object.values(exported).filter(isMachine);
    expect(picturesIn(read('graphs/pictures.md')).sort()).toEqual(all.map(({ id }) => id).sort());
    expect(machines.map(({ machine }) => machine)).toEqual(expect.arrayContaining(all));
    expect(machines.map(({ name }) => name)).toEqual(machines.map(({ machine }) => machine.id));
  });

  test('would not pass with a box or an arrow that the machine does not have', () => {
    const text = read('graphs/pictures.md');
    for (const wrong of [
      text.replace('guest_share_host', 'guest_share_hyp'),
      text.replace(/ {2}donated_to_hyp --> init.*\n/, ''),
    ]) {
      expect(wrong).not.toBe(text);
      expect(withPictures(wrong, draw)).not.toBe(wrong);
    }
  });
});
