import { addressHex } from '../../model/bits/index.ts';

/**
 * pKVM's functions at EL2 that move pages, by the name that the kernel's symbol table gives them without the prefix
 * `__kvm_nvhe_`, and what their arguments are called, in the order of the registers x0, x1, …. facts/arm64-live.md 7 and
 * facts/pkvm-2026.md 2.2. A kernel that lacks one of them is traced without it.
 */
export const pkvmFunctions = {
  __pkvm_host_share_hyp: ['pfn'],
  __pkvm_host_unshare_hyp: ['pfn'],
  __pkvm_host_donate_hyp: ['pfn', 'nr'],
  __pkvm_hyp_donate_host: ['pfn', 'nr'],
  __pkvm_host_share_ffa: ['pfn', 'nr'],
  __pkvm_host_unshare_ffa: ['pfn', 'nr'],
  __pkvm_host_donate_guest: ['pfn', 'gfn', 'vcpu'],
  __pkvm_host_share_guest: ['pfn', 'gfn', 'nr', 'vcpu', 'prot'],
  __pkvm_host_unshare_guest: ['gfn', 'nr', 'vm'],
  __pkvm_host_relax_perms_guest: ['gfn', 'vcpu', 'prot'],
  __pkvm_host_wrprotect_guest: ['gfn', 'nr', 'vm'],
  __pkvm_host_test_clear_young_guest: ['gfn', 'nr', 'mkold', 'vm'],
  __pkvm_host_mkyoung_guest: ['gfn', 'vcpu'],
  __pkvm_guest_share_host: ['vcpu', 'gfn'],
  __pkvm_guest_unshare_host: ['vcpu', 'gfn'],
  __pkvm_host_reclaim_page_guest: ['gfn', 'vm'],
  __pkvm_host_force_reclaim_page_guest: ['phys'],
  __pkvm_reserve_vm: [],
  __pkvm_init_vm: ['kvm', 'vm_hva', 'pgd_hva'],
  __pkvm_init_vcpu: ['handle', 'vcpu', 'vcpu_hva'],
  __pkvm_start_teardown_vm: ['handle'],
  __pkvm_finalize_teardown_vm: ['handle'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type PkvmFunction = keyof typeof pkvmFunctions;
export const pkvmFunctionNames = Object.keys(pkvmFunctions) as readonly PkvmFunction[];

/** One call as it happened: arguments and the 32-bit result as registers, in the order in which calls returned. */
export interface PkvmCall {
  readonly seq: number;
  readonly fn: PkvmFunction;
  readonly args: Readonly<Record<string, bigint>>;
  readonly ret: number;
}

/** A call as JSON has it: arguments are hex strings. */
export const pkvmCallJson = ({
  seq,
  fn,
  args,
  ret,
}: PkvmCall): Readonly<Record<string, string | number>> => ({
  seq,
  fn,
  ...Object.fromEntries(Object.entries(args).map(([name, value]) => [name, addressHex(value)])),
  ret,
});

/** One line of a trace. */
export const pkvmCallLine = (call: PkvmCall): string => JSON.stringify(pkvmCallJson(call));
