/**
 * A system is slots, actions and sentences. Anna and Ben each add one to a counter, by reading it first and writing
 * later, as code without a lock does. The twelve states, by hand (counter, Anna, Ben):
 *
 *   0 start start   0 read0 start   0 start read0   0 read0 read0   1 done start   1 start done
 *   1 done read0    1 read0 done    1 done read1    1 read1 done    2 done done    1 done done: one of them is lost
 */
import { type Action, explore, type Instance, type Slot } from 'pagewarden';

const counter: Slot<number> = { name: 'counter', initial: 0 };
const anna: Slot<string> = { name: 'Anna', initial: 'start' };
const ben: Slot<string> = { name: 'Ben', initial: 'start' };

const actionsOf = (person: Slot<string>): Action[] => [
  {
    name: 'read',
    actor: person.name,
    args: {},
    run(read, write) {
      if (read(person) !== 'start') return -1; // refused: it is counted, and must change nothing
      write(person, `read${read(counter)}`);
      return 0;
    },
  },
  {
    name: 'add',
    actor: person.name,
    args: {},
    run(read, write) {
      if (!read(person).startsWith('read')) return -1;
      write(counter, Number(read(person).slice(4)) + 1);
      write(person, 'done');
      return 0;
    },
  },
];
const isTwo: Instance = {
  about: '',
  holds: read => read(anna) !== 'done' || read(ben) !== 'done' || read(counter) === 2,
};
const { states, properties } = await explore({
  name: 'counter',
  slots: [counter, anna, ben],
  actions: [...actionsOf(anna), ...actionsOf(ben)],
  properties: [{ kind: 'always', name: 'both are counted', source: 'arithmetic', instances: [isTwo] }],
});
console.log(states, 'states,', properties[0]?.verdict); // 12 states, violated
