/**
 * A system is slots, actions and sentences. Anna and Ben each add one to a counter, by reading it first and writing
 * later, as code without a lock does. The twelve states, by hand (counter, Anna, Ben):
 *
 *   0 start start   0 read0 start   0 start read0   0 read0 read0   1 done start   1 start done
 *   1 done read0    1 read0 done    1 done read1    1 read1 done    2 done done    1 done done: one of them is lost
 *
 *   $ npx pagewarden check examples/01-counter.ts
 *   states      12 distinct
 *   FAIL  "both are counted"   at last   shortest: 4 steps
 */
import { type Action, type Property, type Slot, system } from 'pagewarden';

const counter: Slot<number> = { name: 'counter', initial: 0 };
const anna: Slot<string> = { name: 'Anna', initial: 'start' };
const ben: Slot<string> = { name: 'Ben', initial: 'start' };
const people = [anna, ben];

const reads =
  (person: Slot<string>): Action['run'] =>
  (read, write) => {
    if (read(person) !== 'start') return -1; // refused: it is counted, and must change nothing
    write(person, `read${read(counter)}`);
    return 0;
  };
const adds =
  (person: Slot<string>): Action['run'] =>
  (read, write) => {
    if (!read(person).startsWith('read')) return -1;
    write(counter, Number(read(person).slice(4)) + 1);
    write(person, 'done');
    return 0;
  };
const actionsOf = (person: Slot<string>): Action[] => [
  { name: 'read', actor: person.name, args: {}, run: reads(person) },
  { name: 'add', actor: person.name, args: {}, run: adds(person) },
];
const isTwo: Property = {
  kind: 'always',
  name: 'both are counted',
  source: 'sums',
  instances: [
    { about: 'at last', holds: read => read(counter) === 2 || people.some(one => read(one) !== 'done') },
  ],
};

export default system({
  name: 'counter',
  about: 'two who count without a lock',
  size: {},
  profiles: [{ name: 'two', about: 'Anna and Ben', parameters: {}, isDefault: true }],
  build: () => ({
    slots: [counter, ...people],
    actions: people.flatMap(actionsOf),
    properties: [isTwo],
  }),
});
