import { expect, test } from 'vitest';
import { enumerate, type Slot, type System } from '../../checker/index.ts';

test('texts that hold whatever could be put between them are still different states', () => {
  const [one, other]: Slot<string>[] = [
    { name: 'one', initial: 'a' },
    { name: 'other', initial: 'a' },
  ];
  if (one === undefined || other === undefined) throw new Error('two slots');
  const pairs = [',|', 'string 1 ', ' '].flatMap(text => [
    ['a', `b${text}c`],
    [`a${text}b`, 'c'],
  ]);
  const system: System = {
    name: 'texts',
    slots: [one, other],
    actions: pairs.map(([first = '', second = '']) => ({
      name: 'set',
      actor: 'anyone',
      args: { first, second },
      run(_, write) {
        write(one, first);
        write(other, second);
        return 'ok';
      },
    })),
    properties: [],
  };
  expect(enumerate(system, 100).states).toHaveLength(1 + pairs.length);
});
