import type { Instance, Property, Read } from '../checker/index.ts';
import { touchedSubPages } from '../model/ept/index.ts';
import {
  type GuestAccess,
  isProtected,
  type Kvm,
  KvmSpte,
  memoryOf,
  type PageLife,
  pageLife,
  permitsWrite,
  regionIsBuilt,
  scratch,
  settle,
  shadowLeaf,
  spptEntryAddress,
  spread,
  type VcpuCells,
  type View,
  zapFrame,
} from '../model/kvm/index.ts';
import { SppVector, SpptEntry } from '../model/ept/spp/index.ts';
import { all, always } from './sentence.ts';
import { frameName, viewOf } from './kvm-sources.ts';
import { sppInvariant } from './origin.ts';

/** What the guest can and cannot write: facts 4, K2 to K5, K7 and K9. */

/** No ioctl and no fault handler is between two of its locked sections. */
export const isQuiescent = ({ vm }: Kvm, view: View): boolean =>
  view.get(vm.ioctl) === 'none' && view.get(vm.mmuLock) === 'free';

/** Whether the vector that user space set lets an access happen. Reads always may. */
export function vectorPermits(kvm: Kvm, view: View, { gfn, access, writes }: GuestAccess): boolean {
  if (!writes || !isProtected(kvm, view, gfn)) return true;
  const vector = view.get(kvm.vm.frame(gfn).vector);
  return touchedSubPages(access).every(subPage => permitsWrite(vector, subPage));
}

/** One member an access and vCPU, looked at when the vCPU and the frame exist and nothing is in flight. */
function eachAccess(
  kvm: Kvm,
  holds: (view: View, vcpu: VcpuCells, access: GuestAccess) => ReturnType<Instance['holds']>,
  filter: (access: GuestAccess) => boolean = () => true,
): readonly Instance[] {
  return kvm.vm.vcpus.flatMap(vcpu =>
    kvm.vm.shape.accesses.filter(filter).map(access => ({
      about: `${access.name} on ${vcpu.name}`,
      holds: (read: Read) => {
        const view = viewOf(read);
        const slot = kvm.vm.memslotOf(access.gfn);
        if (slot === undefined || view.get(slot.state) === 'none') return true;
        if (!view.get(vcpu.exists) || !isQuiescent(kvm, view)) return true;
        return holds(view, vcpu, access);
      },
    })),
  );
}

const eachFrame = (
  kvm: Kvm,
  holds: (view: View, gfn: bigint) => ReturnType<Instance['holds']>,
): readonly Instance[] =>
  kvm.vm.shape.gfns.map(gfn => ({ about: frameName(gfn), holds: read => holds(viewOf(read), gfn) }));

const never = (kvm: Kvm, life: PageLife, why: string): readonly Instance[] =>
  eachFrame(kvm, (view, gfn) => all([[pageLife(kvm, view, gfn) !== life, why]]));

function enforced(kvm: Kvm): readonly Property[] {
  return [
    always(
      'a guest write that the vector denies does not happen, when nothing is in flight',
      sppInvariant('K2', 'guest write to sub-page i succeeds eventually <=> vec bit i (or vec=FULL)'),
      eachAccess(kvm, (view, vcpu, access) => {
        if (vectorPermits(kvm, view, access)) return true;
        const { outcome, last } = settle(kvm, view, vcpu, access);
        return all([[outcome !== 'done', `the vector denies it, and it ends in: ${last}`]]);
      }),
    ),
    always(
      'a guest access that the vector permits happens, when nothing is in flight',
      sppInvariant('K2', 'guest write to sub-page i succeeds eventually <=> vec bit i (or vec=FULL)'),
      eachAccess(kvm, (view, vcpu, access) => {
        if (!vectorPermits(kvm, view, access)) return true;
        const { outcome, last } = settle(kvm, view, vcpu, access);
        return all([[outcome === 'done', `the vector permits it, and it ends in: ${last}`]]);
      }),
    ),
    always(
      'the hardware never enforces another vector than the one that user space set (never stale)',
      sppInvariant('K2', 'never Stale, never Open'),
      never(kvm, 'stale', 'leaf and SPPT are valid, and the L1E is not that of the vector'),
    ),
    always(
      'a protected page is never writable past the SPPT (never open)',
      sppInvariant('K2', 'never Stale, never Open'),
      never(kvm, 'open', 'a fault or the hardware itself writes the page without asking the SPPT'),
    ),
    always(
      'an access ends after at most three VM exits, allowed or in user space',
      sppInvariant('K7', 'from any state a write ends in allowed or user exit in <= 4 VM exits'),
      eachAccess(kvm, (view, vcpu, access) => {
        const { outcome, exits, last } = settle(kvm, view, vcpu, access);
        return all([[outcome !== 'stuck' && exits <= 3, `after ${exits} VM exits: ${last}`]]);
      }),
    ),
    always(
      'a page that was mapped before SET and one that is mapped after it let the same accesses happen',
      sppInvariant('K5', 'same observable write outcomes whether SET precedes or follows the mapping'),
      eachAccess(kvm, (view, vcpu, access) => {
        const unmapped = scratch(view);
        zapFrame(kvm, unmapped, access.gfn);
        const mapped = settle(kvm, view, vcpu, access);
        const lazy = settle(kvm, unmapped, vcpu, access);
        return all([
          [mapped.outcome === lazy.outcome, `mapped: ${mapped.last}; mapped afresh: ${lazy.last}`],
        ]);
      }),
    ),
  ];
}

const emulated = (kvm: Kvm): Property =>
  always(
    'a write that KVM emulates is denied exactly where the hardware denies it, and with the same address',
    sppInvariant('K9', 'emulated write outcome = hardware outcome for the same bytes'),
    eachAccess(
      kvm,
      (view, vcpu, access) => {
        const hardware = settle(kvm, view, vcpu, access);
        const denied = kvm.steps.emulatedWriteDenied(kvm, view, access);
        const same = (denied !== undefined) === (hardware.outcome === 'user space');
        return all([
          [
            same,
            `the emulator ${denied === undefined ? 'writes' : 'denies'}, the hardware: ${hardware.last}`,
          ],
          [
            denied === undefined || denied === access.access.gpa,
            `the emulator reports 0x${(denied ?? 0n).toString(16)}, the access is at 0x${access.access.gpa.toString(16)}`,
          ],
        ]);
      },
      ({ writes }) => writes,
    ),
  );

function words(kvm: Kvm): readonly Property[] {
  const { vm } = kvm;
  const sppt = vm.words.cells.filter(({ is }) => is?.table === 'sppt');
  return [
    always(
      'bit 61 stands in 4-KByte leaves with W=0 only, never beside its saved copy',
      sppInvariant('K3', 'S=1 => leaf is 4K and W=0; never S and saved together'),
      eachFrame(kvm, (view, gfn) => {
        const leaf = shadowLeaf(kvm, view, gfn);
        const { subPageWrite, sppSaved, write } = KvmSpte.decode(leaf?.spte ?? 0n);
        return all([
          [!subPageWrite || leaf?.size === '4K', 'bit 61 stands in a large leaf'],
          [!(subPageWrite && write), 'bit 61 stands beside W=1'],
          [!(subPageWrite && sppSaved), 'bit 61 stands beside its saved copy'],
        ]);
      }),
    ),
    always(
      'a large page never covers a protected one',
      sppInvariant('K3', 'huge leaf never covers vec!=FULL'),
      eachFrame(
        kvm,
        (view, gfn) => !isProtected(kvm, view, gfn) || shadowLeaf(kvm, view, gfn)?.size !== '2M',
      ),
    ),
    always(
      'a valid L2E leads to the right L1E of every protected page of its region',
      sppInvariant('K4', 'L2E valid => l1(g)=spread(vec(g)) for every protected g of the region'),
      eachFrame(kvm, (view, gfn) => {
        if (!isProtected(kvm, view, gfn) || !regionIsBuilt(kvm, view, gfn)) return true;
        const l1e = memoryOf(vm, view).read(spptEntryAddress(0n, 1, gfn));
        return all([[l1e === spread(view.get(vm.frame(gfn).vector)), 'the L1E is that of another vector']]);
      }),
    ),
    always(
      'no SPPT entry has a reserved bit set',
      sppInvariant('K4', 'l1 odd bits always 0; SPPT entries have no R0 bit'),
      sppt.map(cell => ({
        about: cell.name,
        holds: read => {
          const word = read(cell);
          const format = cell.is?.level === 1 ? SppVector : SpptEntry;
          return word === 'no page' || format.reservedBits(word, 52) === 0n;
        },
      })),
    ),
    always(
      'no guest access meets an SPP misconfiguration',
      sppInvariant('K4', 'no misconfig exit is reachable'),
      vm.vcpus.map(vcpu => ({
        about: vcpu.name,
        holds: read => read(vcpu.phase) !== 'SPP misconfiguration',
      })),
    ),
  ];
}

/** The sentences on what is enforced. Those on emulation only where the dialect's emulator asks at all. */
export const enforcement = (
  kvm: Kvm,
  { emulation }: { readonly emulation: boolean },
): readonly Property[] => [...enforced(kvm), ...(emulation ? [emulated(kvm)] : []), ...words(kvm)];
