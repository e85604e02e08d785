import type { Arm64OperationName } from '../../../model/pkvm/counted/arm64/index.ts';

/** A call to be made by hand: pages and frames by number, as a recording names them. */
export interface HandCall {
  readonly op: HandOperation;
  readonly pfn?: bigint;
  readonly gfn?: bigint;
  readonly nr?: bigint;
  readonly prot?: bigint;
  readonly mkold?: 0 | 1;
}

/** What a call needs of the hypervisor that it is made in. */
export interface HandPointers {
  /** The loaded vCPU at EL2, `struct pkvm_hyp_vcpu`. */
  readonly vcpu: bigint;
  /** Its VM, `struct pkvm_hyp_vm`. */
  readonly vm: bigint;
  /** The address at EL2 of a physical page. */
  readonly mapped: (pfn: bigint) => bigint;
}

type Registers = (call: Required<Omit<HandCall, 'op'>>, at: HandPointers) => readonly bigint[];
const page: Registers = ({ pfn }) => [pfn];
const pages: Registers = ({ pfn, nr }) => [pfn, nr];
const range: Registers = ({ pfn, nr }, { mapped }) => [mapped(pfn), mapped(pfn + nr)];
const ofVcpu: Registers = ({ gfn }, { vcpu }) => [vcpu, gfn];

/** Functions of the hypervisor, by the operation that a recording calls them, with their arguments in x0, x1, …. */
export const handFunctions = {
  host_share_hyp: ['__pkvm_host_share_hyp', page],
  host_unshare_hyp: ['__pkvm_host_unshare_hyp', page],
  host_donate_hyp: ['__pkvm_host_donate_hyp', pages],
  hyp_donate_host: ['__pkvm_hyp_donate_host', pages],
  host_share_ffa: ['__pkvm_host_share_ffa', pages],
  host_unshare_ffa: ['__pkvm_host_unshare_ffa', pages],
  hyp_pin: ['hyp_pin_shared_mem', range],
  hyp_unpin: ['hyp_unpin_shared_mem', range],
  host_donate_guest: ['__pkvm_host_donate_guest', ({ pfn, gfn }, { vcpu }) => [pfn, gfn, vcpu]],
  host_share_guest: [
    '__pkvm_host_share_guest',
    ({ pfn, gfn, nr, prot }, { vcpu }) => [pfn, gfn, nr, vcpu, prot],
  ],
  host_unshare_guest: ['__pkvm_host_unshare_guest', ({ gfn, nr }, { vm }) => [gfn, nr, vm]],
  guest_share_host: ['__pkvm_guest_share_host', ofVcpu],
  guest_unshare_host: ['__pkvm_guest_unshare_host', ofVcpu],
  host_reclaim_page_guest: ['__pkvm_host_reclaim_page_guest', ({ gfn }, { vm }) => [gfn, vm]],
  host_relax_perms_guest: ['__pkvm_host_relax_perms_guest', ({ gfn, prot }, { vcpu }) => [gfn, vcpu, prot]],
  host_wrprotect_guest: ['__pkvm_host_wrprotect_guest', ({ gfn, nr }, { vm }) => [gfn, nr, vm]],
  host_test_clear_young_guest: [
    '__pkvm_host_test_clear_young_guest',
    ({ gfn, nr, mkold }, { vm }) => [gfn, nr, BigInt(mkold), vm],
  ],
  host_mkyoung_guest: ['__pkvm_host_mkyoung_guest', ({ gfn }, { vcpu }) => [gfn, vcpu]],
} as const satisfies Partial<Record<Arm64OperationName, readonly [string, Registers]>>;
export type HandOperation = keyof typeof handFunctions;
export const handOperations = Object.keys(handFunctions) as readonly HandOperation[];

/** The function of a call and its registers. */
export function registersOf(
  { op, ...given }: HandCall,
  at: HandPointers,
): { readonly fn: string; readonly registers: readonly bigint[] } {
  const [fn, registers] = handFunctions[op];
  const all = { pfn: 0n, gfn: 0n, nr: 1n, prot: 0n, mkold: 0 as const, ...given };
  return { fn, registers: registers(all, at) };
}

/** Functions that return nothing. */
export const returnsNothing = (op: HandOperation): boolean => op === 'hyp_unpin';
/** Operations whose record says which VM they are about. */
export const isOfVm = (op: HandOperation): boolean => op.includes('guest');
