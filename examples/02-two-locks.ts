/**
 * Two threads that take two locks in opposite orders. The checker finds the state in which nobody can go on, and the
 * shortest way there. `disabled` says that an action does not exist in a state: waiting is no refused call.
 */
import { type Action, explore, type Slot } from 'pagewarden';
import { disabled } from 'pagewarden/checker';

const free = 'free';
const host: Slot<string> = { name: 'host lock', initial: free };
const guest: Slot<string> = { name: 'guest lock', initial: free };

function thread(name: string, order: readonly Slot<string>[]): { at: Slot<number>; step: Action } {
  const at: Slot<number> = { name: `${name} at step`, initial: 0 };
  const step: Action = {
    name: 'step',
    actor: name,
    args: {},
    run(read, write) {
      const lock = order[read(at)];
      if (lock === undefined) {
        for (const held of order) write(held, free);
        write(at, 0);
        return 'released both';
      }
      if (read(lock) !== free) return disabled;
      write(lock, name);
      write(at, read(at) + 1);
      return `took ${lock.name}`;
    },
  };
  return { at, step };
}

const one = thread('one', [host, guest]);
const two = thread('two', [guest, host]);
const { states, deadlock } = await explore({
  name: 'two locks',
  slots: [host, guest, one.at, two.at],
  actions: [one.step, two.step],
  properties: [],
  deadlock: 'stuck',
});

console.log(states, 'states'); // 6 states
for (const { action, result } of deadlock.trace?.steps ?? []) console.log(action.actor, result);
// one took host lock
// two took guest lock
