/**
 * Two threads that take two locks in opposite orders. The checker finds the state in which nobody can go on, and the
 * shortest way there. `disabled` says that an action does not exist in a state: waiting is no refused call.
 *
 *   $ npx pagewarden check examples/02-two-locks.ts
 *   states      6 distinct
 *   FAIL  deadlock (stuck)   shortest: 2 steps
 *   1  one   step() -> took host lock
 */
import { type Action, type Slot, system } from 'pagewarden';
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

export default system({
  name: 'two-locks',
  about: 'two locks, taken in opposite orders',
  size: {},
  profiles: [{ name: 'two', about: 'two threads', parameters: {}, isDefault: true }],
  build: () => {
    const [one, two] = [thread('one', [host, guest]), thread('two', [guest, host])];
    const slots = [host, guest, one.at, two.at];
    return { slots, actions: [one.step, two.step], properties: [], deadlock: 'stuck' };
  },
});
