import { touchedSubPages } from '../ept/index.ts';
import type { GuestAccess } from './access.ts';
import type { View } from './cell.ts';
import type { Kvm } from './kvm.ts';
import { isProtected } from './sppt.ts';
import { permitsWrite } from './vector.ts';

/**
 * Whether an instruction that KVM emulates may not write these bytes: the address to report, or `undefined` where it
 * may. "SPP semantics are well-defined" (Jim's review of v5): the emulator has to answer as the hardware would.
 */
export function emulatedWriteDenied(kvm: Kvm, view: View, access: GuestAccess): bigint | undefined {
  if (!isProtected(kvm, view, access.gfn)) return undefined;
  const vector = view.get(kvm.vm.frame(access.gfn).vector);
  switch (kvm.revision.emulation) {
    case 'unchecked':
      return undefined;
    case 'whole page':
      return access.access.gpa;
    case 'each sub-page':
      return touchedSubPages(access.access).every(subPage => permitsWrite(vector, subPage))
        ? undefined
        : access.access.gpa;
  }
}
