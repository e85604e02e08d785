import type { Property } from '../checker/index.ts';
import { type Kvm, KvmSpte, shadowLeaf } from '../model/kvm/index.ts';
import { all, always } from './sentence.ts';
import { frameName, viewOf } from './kvm-sources.ts';
import { sppInvariant } from './origin.ts';

/** That every processor uses the tables that count, and that SPP stays where it was enabled: facts 4, K11 to K13. */

export function isolation(kvm: Kvm, { other }: { readonly other: boolean }): readonly Property[] {
  const { vm } = kvm;
  const current = always(
    'a vCPU that may run guest code has the current SPPT root in SPPTP and control 23 set, once SPP is enabled',
    sppInvariant('K11', 'SPPTP in every vCPU = current root'),
    vm.vcpus.map(vcpu => ({
      about: vcpu.name,
      holds: read => {
        if (!read(vm.active) || !read(vcpu.exists) || read(vcpu.loadRequest)) return true;
        const root = read(vm.spptRoot);
        return all([
          [read(vcpu.spptp) === root, `SPPTP is not the root 0x${root.toString(16)}`],
          [root !== 0n, 'there is no SPPT root'],
          [read(vcpu.sppControl), 'control 23 is 0: bit 61 means nothing to the processor'],
        ]);
      },
    })),
  );
  const inactive = always(
    'while SPP is not enabled, no leaf has bit 61 or its saved copy',
    sppInvariant('K12', 'spp_active=0 => no S bit anywhere'),
    vm.shape.gfns.map(gfn => ({
      about: frameName(gfn),
      holds: read => {
        if (read(vm.active)) return true;
        const { subPageWrite, sppSaved } = KvmSpte.decode(shadowLeaf(kvm, viewOf(read), gfn)?.spte ?? 0n);
        return !subPageWrite && !sppSaved;
      },
    })),
  );
  const others = always(
    'a vCPU of a VM that never enabled SPP runs with control 23 clear',
    sppInvariant('K13', "VM A's INIT does not change VM B"),
    [{ about: 'VM B', holds: read => !read(vm.other.sppControl) }],
  );
  return [current, inactive, ...(other ? [others] : [])];
}
