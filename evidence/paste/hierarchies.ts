import { type FactContent, hexOf, type LineReader } from './fact.ts';

const H = '(?:0x)?([0-9a-f]{1,16})';

/** KVM's report of a misconfigured EPT: the address, then an entry a line from the root down. */
export const kvmMisconfiguration: LineReader = {
  name: 'KVM misconfiguration report',
  about: 'the entries of the walk that KVM prints at an EPT misconfiguration',
  sample: [
    'EPT: Misconfiguration.',
    'EPT: GPA: 0x108ba4538',
    'ept_misconfig_inspect_spte: spte 0x84c236107 level 4',
  ],
  read({ text }) {
    const gpa = new RegExp(`^EPT: GPA: ${H}`, 'i').exec(text)?.[1];
    if (gpa !== undefined) return [{ kind: 'hierarchy', gpa: hexOf(gpa) }];
    const [, word, level] = new RegExp(`\\bspte ${H} level (\\d)\\b`).exec(text) ?? [];
    if (word !== undefined && !/\bgfn\b|old_spte/.test(text))
      return [{ kind: 'entry', word: hexOf(word), level: Number(level) }];
    return /^EPT: Misconfiguration/.test(text) ? [] : undefined;
  },
};

/** KVM's report of reserved bits: `------ spte = 0x… level = 1, rsvd bits = 0x…`. */
export const kvmReservedBits: LineReader = {
  name: 'KVM reserved-bits report',
  about: 'entries by level with the bits that KVM takes for reserved',
  sample: [
    'get_mmio_spte: reserved bits set on MMU-present spte, addr 0xfffff000, hierarchy:',
    '------ spte = 0xfffffc4465825 level = 1, rsvd bits = 0xffff000000000000',
  ],
  read({ text }) {
    const gpa = new RegExp(`reserved bits set on MMU-present spte, addr ${H}, hierarchy`, 'i').exec(
      text,
    )?.[1];
    if (gpa !== undefined) return [{ kind: 'hierarchy', gpa: hexOf(gpa) }];
    const [, word, level, mask] =
      new RegExp(`\\bspte = ${H},? level = (\\d),? rsvd bits = ${H}`, 'i').exec(text) ?? [];
    if (word === undefined || mask === undefined) return undefined;
    const said: FactContent = {
      kind: 'reserved-said',
      word: hexOf(word),
      level: Number(level),
      mask: hexOf(mask),
    };
    return /^-+ /.test(text) ? [{ kind: 'entry', word: hexOf(word), level: Number(level) }, said] : [said];
  },
};

/** KVM: `kvm: VM-Enter 109fff8, spte[4] = 0x…, spte[3] = 0x…`. */
export const kvmSpteList: LineReader = {
  name: 'KVM entries by level',
  about: 'the entries of one walk in one line',
  sample: [
    'kvm: VM-Enter 109fff8, spte[4] = 0x80100040becb6807, spte[3] = 0x80100040911ed807, spte[2] = 0x82100040f9e008f5',
  ],
  read({ text }) {
    const entries = [...text.matchAll(new RegExp(`\\bspte\\[(\\d)\\] = ${H}`, 'gi'))];
    if (entries.length === 0) return undefined;
    const gpa = new RegExp(`(?:VM-Enter|gpa|addr|GPA:?) ${H}`, 'i').exec(text)?.[1];
    return [
      ...(gpa === undefined ? [] : [{ kind: 'hierarchy' as const, gpa: hexOf(gpa) }]),
      ...entries.map(([, level, word = '0']) => ({
        kind: 'entry' as const,
        word: hexOf(word),
        level: Number(level),
      })),
    ];
  },
};

/** Xen: `Walking EPT tables for GFN 1234:` and ` epte 9c00000123456107` from the root down, and its violation line. */
export const xenEpte: LineReader = {
  name: 'Xen EPT walk',
  about: "Xen's walk of the EPT of a domain, and its report of a violation",
  sample: [
    '(XEN) Walking EPT tables for GFN feb00:',
    '(XEN)  epte 9c0000020d5c6107',
    '(XEN) EPT violation 0x181 (r--/---), gpa 0x000000feb00000',
  ],
  read({ text }) {
    const gfn = new RegExp(`Walking EPT tables for (?:domain \\d+ )?(?:GFN|gfn) ${H}`).exec(text)?.[1];
    if (gfn !== undefined) return [{ kind: 'hierarchy', gpa: hexOf(gfn) << 12n }];
    const word = new RegExp(`^(?:d\\d+v\\d+ )?\\s*epte ${H}`).exec(text)?.[1];
    if (word !== undefined) return [{ kind: 'entry', word: hexOf(word) }];
    const [, qualification, gpa] =
      new RegExp(`EPT violation ${H} \\([^)]*\\),? gpa ${H}`, 'i').exec(text) ?? [];
    if (qualification === undefined || gpa === undefined) return undefined;
    return [
      { kind: 'field', field: 'exitReason', value: 48n },
      { kind: 'field', field: 'exitQualification', value: hexOf(qualification) },
      { kind: 'field', field: 'guestPhysicalAddress', value: hexOf(gpa) },
    ];
  },
};

/** An entry that KVM sets, with the address that it is for: `gfn 1151b spte … level 1 at …`. */
export const kvmSetSpte: LineReader = {
  name: 'KVM entry set',
  about: 'kvm_mmu_set_spte: one entry with its frame and level',
  sample: ['kvm_mmu_set_spte: gfn 1151b spte 86000080a5669b37 (rwxu) level 1 at 80b34fc8d8'],
  read({ text, event }) {
    if (event !== undefined && event !== 'kvm_mmu_set_spte') return undefined;
    const [, gfn, word, level] =
      new RegExp(`^(?:kvm_mmu_set_spte: +)?gfn ${H} spte ${H} \\([rwxsu-]+\\) level (\\d)`, 'i').exec(
        text,
      ) ?? [];
    return gfn === undefined || word === undefined
      ? undefined
      : [{ kind: 'entry', gpa: hexOf(gfn) << 12n, word: hexOf(word), level: Number(level) }];
  },
};
