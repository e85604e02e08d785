/**
 * A system with sizes, profiles and faults, as the folders of `systems/` have them: one object. Every command that
 * takes a system's name takes the path of this file; `pagewarden explore` shows it in the page.
 *
 *   $ npx pagewarden check examples/06-a-system-of-your-own.ts --set limit=9
 *   states      10 distinct
 *   $ npx pagewarden mutants examples/06-a-system-of-your-own.ts
 *   over      killed       4  limit
 */
import { type Slot, system } from 'pagewarden';
import { ours } from 'pagewarden/citation';
import { count } from 'pagewarden/systems';

export default system({
  name: 'counter',
  about: 'a counter that goes up to a limit and stays there',
  size: { limit: count(1, 100, 'the highest number', 3) },
  profiles: [{ name: 'small', about: 'up to three', parameters: {}, isDefault: true }],
  faults: [{ name: 'over', about: 'it goes on past the limit', source: ours('the check itself') }],
  build: ({ limit }, [fault]) => {
    const value: Slot<number> = { name: 'value', initial: 0 };
    const last = limit + (fault === undefined ? 0 : 1);
    return {
      slots: [value],
      actions: [
        {
          name: 'up',
          actor: 'anyone',
          args: {},
          run: (read, write) => {
            if (read(value) === last) return -1;
            write(value, read(value) + 1);
            return 0;
          },
        },
      ],
      properties: [
        {
          kind: 'always',
          id: 'limit',
          name: 'the limit is kept',
          source: 'this example',
          instances: [{ about: '', holds: read => read(value) <= limit }],
        },
      ],
    };
  },
});
