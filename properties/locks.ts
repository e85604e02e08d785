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
    // along a chain of waiting CPUs the locks come ever later in the order: no chain closes, however many CPUs there are
    always(
      'who holds the lock that a CPU waits for waits only for a lock that comes later in the order',
      pkvmInvariant('I16'),
      view.cpus.map(cpu => ({
        about: `cpu${cpu}`,
        holds: read => {
          const waits = view.waitsFor(read, cpu);
          const beyond = waits === undefined ? undefined : view.waitsFor(read, waits.holder);
          if (waits === undefined || beyond === undefined) return true;
          return all([
            [
              beyond.rank > waits.rank,
              `cpu${cpu} waits for cpu${waits.holder}, which waits for cpu${beyond.holder}'s lock, no later in the order`,
            ],
          ]);
        },
      })),
    ),
  ];
}
