import { guardedPage, ours, type Source } from '../../../model/citation.ts';
import { faultOf } from '../../../model/fault.ts';
import type { TriedFault } from '../../system.ts';
import type { CallName, Program, StepName } from '../program.ts';
import { type GuardRules, specified } from '../rules.ts';

const fault = faultOf<GuardRules>();
const rule = (words: string): Source => guardedPage('The ten rules', words);

/** The profile that has the call, where the one that faults are tried in has not. */
const profileOf: Partial<Record<CallName, { readonly profile: string }>> = {
  host_share_guest: { profile: 'host' },
  host_unshare_guest: { profile: 'host' },
  spp_enable: { profile: 'donated' },
  spp_disable: { profile: 'donated' },
};

/** A fault of one call's program. */
const inProgram = (
  name: string,
  about: string,
  source: Source,
  call: CallName,
  edit: (program: Program) => Program,
): TriedFault<GuardRules> => ({
  ...fault(name, about, source, ({ programs }) => ({
    programs: { ...programs, [call]: edit(programs[call]) },
  })),
  ...profileOf[call],
});

/** What each step is there for: what a call that leaves it out, or makes it too late, lets happen. */
const purposes: Partial<Record<StepName, Source>> = {
  forget: rule('A vector ends with its mapping'),
  scrub: rule('leaves nothing behind'),
  invalidate: rule('A miss is answered under the lock'),
  record: rule('A miss is answered under the lock'),
  mark: rule('Bit 61 takes the place of W'),
  flush: rule('What permits is flushed before anyone relies on its end'),
  open: rule("The SPPT's pages are the hypervisor's"),
  unlink: rule("The SPPT's pages are the hypervisor's"),
  wipe: rule('zero when it comes and when it goes'),
};

const callNames = Object.keys(specified.programs) as CallName[];

/** Every step of every call left out, but for those of the page-state API, which `ownership` holds. */
export const stepsLeftOut = callNames.flatMap(call =>
  specified.programs[call].flatMap(step => {
    const source = purposes[step];
    return source === undefined
      ? []
      : [
          {
            ...inProgram(
              `${call}: ${step} left out`,
              `${call} leaves out the step ${step}`,
              source,
              call,
              program => program.filter(each => each !== step),
            ),
            // what is left behind shows when a miss elsewhere makes the region valid again
            ...(call === 'spp_set' && step === 'scrub' ? { profile: 'two-gpas' } : {}),
          },
        ];
  }),
);

/** Every two steps that follow one another, the other way round. The check stays first. */
export const stepsSwapped = callNames.flatMap(call => {
  const program = specified.programs[call];
  return program.slice(1, -1).map((first, at) => {
    const second = program[at + 2] ?? first;
    return inProgram(
      `${call}: ${second} before ${first}`,
      `${call} makes the step ${second} before the step ${first}`,
      purposes[second] ?? purposes[first] ?? ours('the check itself'),
      call,
      steps => [...steps.slice(0, at + 1), second, first, ...steps.slice(at + 3)],
    );
  });
});
