import { EptPde2M, pageBytes } from '../../model/ept/index.ts';

/** The kvm events that something can be held against, old and new spellings. Bodies: facts/oracle.md 4.2. */
export type KvmEvent =
  | {
      readonly kind: 'exit';
      readonly vcpu?: number;
      readonly reason: string;
      readonly qualification: bigint;
      /** The second word of information: IDT-vectoring information where an event was being delivered. */
      readonly vectoring: bigint;
    }
  /** The vCPU runs its guest again: what it exited for is done with. */
  | { readonly kind: 'entry'; readonly vcpu?: number }
  | {
      readonly kind: 'page-fault';
      readonly vcpu?: number;
      readonly gpa: bigint;
      readonly qualification: bigint;
    }
  | { readonly kind: 'set-spte'; readonly gfn: bigint; readonly level: number; readonly word: bigint }
  | {
      readonly kind: 'spte-changed';
      readonly vcpu?: number;
      readonly gfn: bigint;
      readonly level: number;
      readonly before: bigint;
      readonly word: bigint;
    }
  | { readonly kind: 'spp-set'; readonly vcpu: number; readonly gfn: bigint; readonly vector: number }
  | {
      readonly kind: 'spp-exit';
      readonly vcpu: number;
      readonly gpa: bigint;
      readonly qualification: bigint;
    }
  | { readonly kind: 'spp-fault'; readonly vcpu: number; readonly gpa: bigint };

/** Events of kvm that are understood but tell nothing that could be checked. */
const silentEvents =
  /^(?:kvm_(?:hypercall|msr|cpuid|apic\w*|pio|mmio|inj_\w+|nested_\w+|eoi|fpu|ple_window\w*|wait_lane|vcpu_wakeup|userspace_exit|pv_\w+|hv_\w+|halt_poll_ns|write_tsc_offset|update_master_clock|track_tsc|emulate_insn|cr|dr|set_irq|msi_set_irq|ioapic_set_irq|pic_set_irq|ack_irq|guest_fault|(?:unmap_hva_range|set_spte_hva|age_hva|test_age_hva)|mmu_(?:get_page|sync_page|unsync_page|prepare_zap_page|zap_all_fast|pagetable_walk|paging_element|set_accessed_bit|set_dirty_bit|walker_error|spte_requested|split_huge_page))|fast_page_fault|mark_mmio_spte|handle_mmio_page_fault|check_mmio_spte|vcpu_match_mmio|hyp_enter|hyp_exit|host_hcall|host_smc|sched_\w+|irq_\w+)$/;

export const isSilent = (event: string): boolean => silentEvents.test(event);

type Read = (found: readonly (string | undefined)[]) => KvmEvent | undefined;
const hex = (digits: string | undefined): bigint => BigInt(`0x${digits ?? '0'}`);
const vcpuOf = (digits: string | undefined): { readonly vcpu?: number } =>
  digits === undefined ? {} : { vcpu: Number(digits) };
const H = '([0-9a-f]{1,16})';
/** A number ends here: a digit behind it that is none means that the line was damaged. */
const END = '(?!\\S)';

const bodies: readonly (readonly [event: string, body: RegExp, read: Read])[] = [
  [
    'kvm_exit',
    new RegExp(
      `^(?:vcpu (\\d+) )?reason (UNKNOWN \\(\\d+\\)|\\w+)(?: .*?)? rip 0x${H} info1 0x${H} info2 0x${H}${END}`,
    ),
    ([, vcpu, reason, , info1, info2]) => ({
      kind: 'exit',
      ...vcpuOf(vcpu),
      reason: reason ?? '',
      qualification: hex(info1),
      vectoring: hex(info2),
    }),
  ],
  [
    'kvm_exit',
    new RegExp(
      `^(?:vcpu (\\d+) )?reason (UNKNOWN \\(\\d+\\)|\\w+) rip 0x${H} info (?:0x)?${H} (?:0x)?${H}${END}`,
    ),
    ([, vcpu, reason, , info1, info2]) => ({
      kind: 'exit',
      ...vcpuOf(vcpu),
      reason: reason ?? '',
      qualification: hex(info1),
      vectoring: hex(info2),
    }),
  ],
  ['kvm_entry', /^(?:vcpu (\d+)\b)?/, ([, vcpu]) => ({ kind: 'entry', ...vcpuOf(vcpu) })],
  [
    'kvm_page_fault',
    new RegExp(`^(?:vcpu (\\d+) )?(?:rip 0x${H} )?address (?:0x)?${H} error_code (?:0x)?${H}${END}`),
    ([, vcpu, , address, code]) => ({
      kind: 'page-fault',
      ...vcpuOf(vcpu),
      gpa: hex(address),
      qualification: hex(code),
    }),
  ],
  [
    'kvm_mmu_set_spte',
    new RegExp(`^gfn (?:0x)?${H} spte (?:0x)?${H} \\([rwxu-]+\\) level (\\d+) at (?:0x)?${H}${END}`),
    ([, gfn, word, level]) => ({ kind: 'set-spte', gfn: hex(gfn), word: hex(word), level: Number(level) }),
  ],
  [
    'kvm_tdp_mmu_spte_changed',
    new RegExp(`^as id \\d+ gfn (?:0x)?${H} level (\\d+) old_spte (?:0x)?${H} new_spte (?:0x)?${H}${END}`),
    ([, gfn, level, before, word]) => ({
      kind: 'spte-changed',
      gfn: hex(gfn),
      level: Number(level),
      before: hex(before),
      word: hex(word),
    }),
  ],
  [
    // fixed without taking the lock; the address is a guest-physical one under two-dimensional paging
    'fast_page_fault',
    new RegExp(
      `^vcpu (\\d+) gva (?:0x)?${H} error_code \\S* sptep \\S+ old (?:0x)?${H} new (?:0x)?${H} spurious [01] fixed 1${END}`,
    ),
    ([, vcpu, address, before, word]) => ({
      kind: 'spte-changed',
      ...vcpuOf(vcpu),
      gfn: hex(address) / pageBytes,
      // no level is told: a leaf of 2 MBytes has bit 7, which KVM leaves 0 in one of 4 KBytes
      level: EptPde2M.get(hex(word), 'mapsPage') ? 2 : 1,
      before: hex(before),
      word: hex(word),
    }),
  ],
  [
    'kvm_spp_set_subpages',
    new RegExp(`^vcpu (\\d+) gfn (?:0x)?${H} access (?:0x)?([0-9a-f]{1,8})${END}`),
    ([, vcpu, gfn, vector]) => ({
      kind: 'spp-set',
      vcpu: Number(vcpu),
      gfn: hex(gfn),
      vector: Number(hex(vector)),
    }),
  ],
  [
    'kvm_spp_induced_exit',
    new RegExp(`^vcpu (\\d+) gpa (?:0x)?${H} qualifica(?:iton|tion) (?:0x)?${H}${END}`),
    ([, vcpu, gpa, qualification]) => ({
      kind: 'spp-exit',
      vcpu: Number(vcpu),
      gpa: hex(gpa),
      qualification: hex(qualification),
    }),
  ],
  [
    'kvm_spp_induced_page_fault',
    new RegExp(`^vcpu (\\d+) gpa (?:0x)?${H} inst_len \\d+${END}`),
    ([, vcpu, gpa]) => ({ kind: 'spp-fault', vcpu: Number(vcpu), gpa: hex(gpa) }),
  ],
];

/** Reads the body of a kvm event; more `key value` pairs at its end are passed over. */
export function readKvmEvent(event: string, body: string): KvmEvent | undefined {
  for (const [name, pattern, read] of bodies) {
    if (name !== event) continue;
    const found = pattern.exec(body);
    if (found !== null) return read([...found]);
  }
  return undefined;
}
