import type { Property } from '../checker/index.ts';
import { all, always, eachStep } from './sentence.ts';
import type { SmpView } from './smp-view.ts';
import { pkvmInvariant } from './origin.ts';

/** Locks: their order, and that nobody waits for ever. */
export function lockProperties(view: SmpView): readonly Property[] {
  return [
    eachStep(
      'a lock is taken only by a CPU that holds none that comes later in the order',
      pkvmInvariant('I16'),
      step => {
        const found = view.stepOf(step.action);
        if (found?.takesRank === undefined) return true;
        const { cpu, takesRank } = found;
        const later = view.heldBy(step.before, cpu).some(rank => rank >= takesRank);
        return all([[!later, `${step.action.actor} holds the host EPT's lock and takes a guest's`]]);
      },
    ),
    always('no CPUs wait for one another in a circle', pkvmInvariant('I16'), [
      {
        about: '',
        holds: read => {
          const waits = view.waitsFor(read);
          const isCircle = (from: number): boolean => {
            let at: number | undefined = from;
            for (const _ of waits) {
              at = at === undefined ? undefined : waits[at];
              if (at === from) return true;
            }
            return false;
          };
          const circle = waits.flatMap((_, cpu) => (isCircle(cpu) ? [cpu] : []));
          return all([[circle.length === 0, `cpu${circle.join(' and cpu')} wait for each other's locks`]]);
        },
      },
    ]),
  ];
}
