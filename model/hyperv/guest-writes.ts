import { array, type Struct, struct, type StructInput, u64 } from '../bits/index.ts';
import {
  NestedEnlightenmentsControl,
  VpAssistPage,
  VpAssistPageBefore,
  VpAssistPageMerged,
  VpAssistPageV1,
} from './vp-assist-page.ts';

/** What a guest kernel tells its hypervisor through the page, to run L2 on an enlightened VMCS. */
export interface Enlightenment {
  /** The page holds a current enlightened VMCS: the hypervisor looks at it on VM entry. */
  readonly enlightenVmentry: boolean;
  /** Its guest-physical address. */
  readonly currentNestedVmcs: bigint;
  /** L2's hypercalls may go to the hypervisor directly. */
  readonly directHypercall: boolean;
}

export type VpAssistPageRevision = 'before' | 'v1' | 'merged' | 'modern';

/** The first words of the page: as far as any revision of the fields above reaches. */
export const vpAssistPageWords = 8;
const words = struct('page', { words: array(u64, vpAssistPageWords) }, { size: 8 * vpAssistPageWords });

/** A page of which these are the first words and the rest is zero. */
function pageOf(first: readonly bigint[]): Uint8Array {
  const page = new Uint8Array(VpAssistPage.size);
  page.set(words.encode({ words: first }));
  return page;
}

/** The page after a kernel wrote some members through its own table. */
function written<F extends Parameters<typeof struct>[1]>(
  table: Struct<F>,
  page: Uint8Array,
  values: StructInput<F>,
): Uint8Array {
  const after = page.slice();
  after.set(table.encode({ ...(table.decode(page) as StructInput<F>), ...values }));
  return after;
}

/** The words of the page after a kernel that has this revision of the structure says this. */
export function guestWrites(
  first: readonly bigint[],
  { enlightenVmentry, currentNestedVmcs: current_nested_vmcs, directHypercall }: Enlightenment,
  revision: VpAssistPageRevision,
): readonly bigint[] {
  const page = pageOf(first);
  const enlighten_vmentry = enlightenVmentry ? 1 : 0;
  const common = { enlighten_vmentry, current_nested_vmcs };
  const features = { directhypercall: directHypercall };
  const opaque = { nested_enlightenments_control: [directHypercall ? 1n : 0n, 0n] };
  const control = NestedEnlightenmentsControl.decode(NestedEnlightenmentsControl.encode({ features }));
  switch (revision) {
    case 'before':
      return words.decode(written(VpAssistPageBefore, page, { ...common, ...opaque })).words;
    case 'v1':
      return words.decode(written(VpAssistPageV1, page, { ...common, ...opaque })).words;
    case 'merged':
      return words.decode(written(VpAssistPageMerged, page, { ...common, nested_control: control })).words;
    case 'modern':
      return words.decode(written(VpAssistPage, page, { ...common, nested_control: { features } })).words;
  }
}

/** What the hypervisor reads in the page, whose layout is its own and never changed, and what else it finds set. */
export function hypervisorReads(
  first: readonly bigint[],
): Enlightenment & { readonly othersSet: readonly string[] } {
  const page = VpAssistPage.decode(pageOf(first));
  const { enlighten_vmentry, current_nested_vmcs, nested_control, ...others } = page;
  const isSet = (value: unknown): boolean =>
    value instanceof Uint8Array ? value.some(byte => byte !== 0) : Number(value) !== 0;
  const { directhypercall, reserved } = nested_control.features;
  return {
    enlightenVmentry: enlighten_vmentry !== 0,
    currentNestedVmcs: current_nested_vmcs,
    directHypercall: directhypercall,
    othersSet: Object.entries({ ...others, features: reserved, ...nested_control.hypercall_controls })
      .filter(([, value]) => isSet(value))
      .map(([name]) => name),
  };
}
