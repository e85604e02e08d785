import type { SystemFamily } from '../system.ts';
import { buildSppKvm } from './build.ts';
import { sppKvmMutants } from './mutants.ts';
import { sppKvmProfiles } from './profiles.ts';
import { parameters, sizeOf } from './size.ts';

export const sppKvm: SystemFamily = {
  name: 'spp-kvm',
  about:
    'sub-page write protection under KVM: ioctls, faults, exits and the life of a protected page (seeds 000 to 003)',
  parameters,
  profiles: sppKvmProfiles,
  mutantProfile: 'page-small',
  mutants: sppKvmMutants,
  build: (given, mutantName) => {
    const mutant = sppKvmMutants.find(({ name }) => name === mutantName);
    if (mutantName !== undefined && mutant === undefined)
      throw new RangeError(`spp-kvm has no mutant ${mutantName}`);
    return buildSppKvm(sizeOf(given), mutant === undefined ? [] : [mutant]);
  },
};
