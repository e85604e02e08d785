import { system } from '../define.ts';
import { buildSppKvm } from './build.ts';
import { sppKvmMutants } from './mutants.ts';
import { sppKvmProfiles } from './profiles.ts';
import { parameters, refuse, sppKvmSizeOf } from './size.ts';

export const sppKvm = system({
  name: 'spp-kvm',
  about:
    'sub-page write protection under KVM: ioctls, faults, exits and the life of a protected page (seeds 000 to 003)',
  size: parameters,
  refuse,
  profiles: sppKvmProfiles,
  faults: sppKvmMutants,
  faultProfile: 'page-small',
  build: (chosen, faults) => buildSppKvm(sppKvmSizeOf(chosen), faults),
});
