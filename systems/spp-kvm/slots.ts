import type { Slot } from '../../checker/index.ts';
import { type Kvm, shadowAddresses, spptEntryAddress } from '../../model/kvm/index.ts';

const defined = <V>(value: V | undefined): value is V => value !== undefined;

/** The cells of the VM as slots, in the order in which a person reads the state. */
export function sppKvmSlots({ vm }: Kvm): readonly Slot[] {
  const { words, other } = vm;
  return [
    vm.active,
    ...vm.memslots.flatMap(slot => [slot.state, slot.logging]),
    ...vm.shape.gfns.map(gfn => vm.frame(gfn).vector),
    vm.spptRoot,
    ...words.cells,
    ...vm.shape.gfns.flatMap(gfn => [vm.frame(gfn).dirty, vm.frame(gfn).written]),
    vm.ioctl,
    vm.mmuLock,
    ...vm.vcpus.flatMap(vcpu => [
      vcpu.exists,
      vcpu.phase,
      vcpu.access,
      vcpu.loadRequest,
      vcpu.sppControl,
      vcpu.spptp,
      vcpu.exitReason,
      vcpu.sppAddress,
      ...vcpu.cachedGrants.values(),
    ]),
    other.moduleFlag,
    other.vcpuExists,
    other.sppControl,
  ];
}

/** Slots that are nearly always read together. */
export function sppKvmGroups({ vm }: Kvm): readonly (readonly Slot[])[] {
  return vm.vcpus.map(vcpu => [vcpu.phase, vcpu.access, vcpu.loadRequest]);
}

/** By frame: the slots that a frame's state under SPP is read off, but those that belong to the whole VM. */
export function frameSlots(kvm: Kvm): ReadonlyMap<bigint, ReadonlySet<Slot>> {
  const { vm } = kvm;
  return new Map(
    vm.shape.gfns.map(gfn => {
      const addresses = [
        ...shadowAddresses(gfn),
        spptEntryAddress(0n, 1, gfn),
        spptEntryAddress(0n, 2, gfn),
      ];
      const words = addresses.map(address => vm.words.at(address)).filter(defined);
      return [gfn, new Set<Slot>([vm.frame(gfn).vector, ...words])];
    }),
  );
}
