import { type Action, disabled, type Slot, type System } from '../../checker/index.ts';

/** A cupboard: a word, a small number, a word-sized name and a flag, so that every kind of value is in a trace. */
export const door: Slot<boolean> = { name: 'door', initial: false };
const shelf: Slot<bigint> = {
  name: 'shelf',
  initial: 0x8000_0000_0000_0001n,
  show: value => `0x${value.toString(16)}`,
};
export const visits: Slot<number> = { name: 'visits', initial: 0 };
const last: Slot<string> = { name: 'last', initial: 'nobody' };

const open = (actor: string): Action => ({
  name: 'open',
  actor,
  args: { gently: true },
  run: (read, write) => {
    if (read(door)) return -1;
    write(door, true);
    write(last, actor);
    return 0;
  },
});

const take = (word: bigint): Action => ({
  name: 'take',
  actor: 'cook',
  args: { word, count: 1 },
  run: (read, write) => {
    if (!read(door)) return -22;
    if (read(visits) === 2) return disabled;
    write(shelf, word);
    write(visits, read(visits) + 1);
    write(door, false);
    return 0;
  },
});

export const cupboard: System = {
  name: 'cupboard',
  slots: [door, shelf, visits, last],
  actions: [open('cook'), open('cat'), take(7n), take(0xffff_ffff_ffff_ffffn)],
  properties: [],
};
