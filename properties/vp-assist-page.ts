import type { Instance, Property, Read, Slot, Verdict } from '../checker/index.ts';
import { hypervisorReads } from '../model/hyperv/index.ts';
import { all, always, sometimes } from './sentence.ts';
import { both, facts, seed } from '../model/citation.ts';

/** The page, and what the guest kernel meant to say in it. */
export interface VpAssistPageSlots {
  readonly words: readonly Slot<bigint>[];
  readonly enlightenVmentry: Slot<boolean>;
  readonly currentNestedVmcs: Slot<bigint>;
  readonly directHypercall: Slot<boolean>;
}

const once = (holds: (read: Read) => boolean | Verdict): Instance[] => [{ about: '', holds }];
const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** The kernel and the hypervisor mean the same bytes by the same names. */
export function vpAssistPageProperties(s: VpAssistPageSlots): readonly Property[] {
  const seen = (read: Read) => hypervisorReads(s.words.map(slot => read(slot)));
  const review = {
    source: facts.nestedState('7', 'will get a very different offset breaking Enlightened VMCS'),
  };
  return [
    always(
      'the hypervisor looks at the enlightened VMCS exactly when the guest says so',
      review,
      once(read => seen(read).enlightenVmentry === read(s.enlightenVmentry)),
    ),
    always(
      'the hypervisor runs L2 on the VMCS that the guest named',
      review,
      once(read => {
        const { currentNestedVmcs } = seen(read);
        const named = read(s.currentNestedVmcs);
        return all([
          [currentNestedVmcs === named, `it reads ${hex(currentNestedVmcs)}, not ${hex(named)}`],
        ]);
      }),
    ),
    always(
      'the hypervisor takes hypercalls of L2 directly exactly when the guest says so',
      {
        source: both(
          facts.nestedState('7', 'the direct-hypercall bit moves'),
          seed('001', 'was defined incorrectly'),
        ),
      },
      once(read => seen(read).directHypercall === read(s.directHypercall)),
    ),
    always(
      'what the guest says lies in no other field of the hypervisor',
      { source: seed('001', 'there is 7 reserved bytes') },
      once(read => {
        const { othersSet } = seen(read);
        return all([[othersSet.length === 0, `${othersSet.join(', ')} is set`]]);
      }),
    ),
    sometimes(
      'L2 runs on an enlightened VMCS',
      review,
      once(read => seen(read).enlightenVmentry),
    ),
    sometimes(
      'hypercalls of L2 are taken directly',
      { source: facts.nestedState('7', 'bit 0 directhypercall') },
      once(read => seen(read).directHypercall),
    ),
  ];
}
