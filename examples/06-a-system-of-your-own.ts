/**
 * A system with sizes, profiles and faults, as the folders of `systems/` have them: one object. What `pagewarden
 * mutants` does with it is one call: the fault is tried, and what notices it is named.
 */
import { explore, type Slot, system, tryMutant } from 'pagewarden';
import { ours } from 'pagewarden/citation';
import { count } from 'pagewarden/systems';

const counter = system({
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
          name: 'the limit is kept',
          source: 'this example',
          instances: [{ about: '', holds: read => read(value) <= limit }],
        },
      ],
    };
  },
});

console.log((await explore(counter.build({ limit: 9 }))).states, 'states'); // 10 states
for (const mutant of counter.mutants) {
  const { verdict, killers } = await tryMutant(counter, mutant, {});
  console.log(mutant.name, verdict, 'by', killers[0]?.property?.name); // over killed by the limit is kept
}
