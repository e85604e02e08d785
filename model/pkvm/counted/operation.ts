import type { Source } from '../../citation.ts';
import type { Call, CountedArguments, Unit } from './call-context.ts';
import type { Inquiry } from './check.ts';
import type { Step } from './step.ts';

/** One operation of the page-state API: what it asks, in order, and what it then does. */
export interface Operation<C = Call, U = Unit, A = CountedArguments> {
  /** The function's name in the code, without `pkvm_`. */
  readonly name: string;
  /** Who makes the call: the host through a hypercall or a fault, a guest, or the hypervisor for itself. */
  readonly caller: 'host' | 'guest' | 'hyp';
  /** What it is for, as a sentence. */
  readonly about: string;
  readonly source: Source;
  readonly takes: readonly (keyof A)[];
  /** Whether it returns an error number or nothing. */
  readonly returns: 'error' | 'nothing';
  /** The function that panics where one of its checks does. */
  readonly bugIn: string;
  /** What is done before the lock is taken and the rest is asked, and what is asked before that. */
  readonly early?: { readonly asks: readonly Inquiry<C, U>[]; readonly does: readonly Step<C, U>[] };
  /** What is asked, in order; the first check that fails decides. */
  inquiries(call: C): readonly Inquiry<C, U>[];
  /** The parts that are applied one after the other; the whole range where left out. */
  units?(call: C): Iterable<U>;
  /** What is asked of a part before it is applied. */
  unitInquiries?(call: C): readonly Inquiry<C, U>[];
  /** What is done to each part, in order. */
  steps(call: C): readonly Step<C, U>[];
  /** What is done once, after every part. */
  readonly last?: readonly Step<C, U>[];
  /** What is done to every part of the range where a step fails, before the error is returned. */
  undo?(call: C): readonly Step<C, U>[] | undefined;
}

const operationNames = [
  'host_donate_hyp',
  'host_donate_hyp_share_ro',
  'hyp_donate_host',
  'host_donate_hyp_mmio',
  'hyp_donate_host_mmio',
  'host_share_hyp',
  'host_unshare_hyp',
  'host_donate_guest',
  'host_share_guest',
  'host_unshare_guest',
  'host_test_clear_young_guest',
  'guest_share_host',
  'guest_unshare_host',
  'host_use_dma',
  'host_unuse_dma',
  'vm_finalize',
  'vm_teardown',
] as const;
export type CountedOperationName = (typeof operationNames)[number];
export const countedOperationNames: readonly CountedOperationName[] = operationNames;
