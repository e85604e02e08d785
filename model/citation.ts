/**
 * Where a rule is written down. Every check, sentence, fault and arrow carries one, and this file is the only place
 * that makes them, so that `test/citations.test.ts` can look each one up: the file, the section, the quoted words.
 *
 * Printed as `seed 004, "its words"`, `facts/pkvm.md 4, I1`, `design.md Normative choices, "its words"`: paths are
 * those below `docs/`. Several sources of one rule are joined by `; `.
 */
declare const isCitation: unique symbol;
export type Source = string & { readonly [isCitation]: true };

/** Whatever says where it is written. */
export interface Cited {
  readonly source: Source;
}

const source = (text: string): Source => text as Source;
const isLabel = (what: string): boolean => /^[A-Z]{1,2}\d+[a-z]?$/.test(what);
const isIdentifier = (what: string): boolean => /^\w+$/.test(what);
const listed = (what: readonly string[], isBare: (item: string) => boolean): string =>
  what.map(item => (isBare(item) ? `, ${item}` : `, "${item}"`)).join('');

/** Words of one of the seeds, `docs/seeds/`. Leave words out with `…`. */
export const seed = (number: '000' | '001' | '002' | '003' | '004', words: string): Source =>
  source(`seed ${number}, "${words}"`);

/**
 * One file of `docs/facts/`: a section by its number (of a numbered table also the row: `6a 3, 5`), and in it labels
 * (`I8`) and quoted words.
 */
const factsFile =
  (name: string) =>
  (section: string, ...what: readonly string[]): Source =>
    source(`facts/${name}.md ${section}${listed(what, isLabel)}`);

export const facts = {
  /** pKVM's page ownership, the first dialect: invariants I1 to I18 in 4, bugs B1 to B26 in 5. */
  pkvm: factsFile('pkvm'),
  /** pKVM that counts its shares, and arm64: invariants J1 to J9. */
  pkvm2026: factsFile('pkvm-2026'),
  /** Bugs of pKVM since 2025: B27 and on. */
  pkvmBugs2026: factsFile('pkvm-bugs-2026'),
  /** EPT, SPP and SPP in KVM: invariants H1 to H12 and K1 to K13 in 4, bugs D1 to D16 in 5. */
  eptSpp: factsFile('ept-spp'),
  /** KVM_SET_NESTED_STATE and hv_vp_assist_page. */
  nestedState: factsFile('nested-state-and-hyperv'),
  /** Logs, dumps and oracles. */
  oracle: factsFile('oracle'),
  /** A running pKVM on arm64: its registers, tables and calls. */
  arm64Live: factsFile('arm64-live'),
  /** The random run on it: corrections and findings F1 to F9. */
  arm64Record: factsFile('arm64-record'),
  /** An emulated Intel machine with EPT and SPP, and a Linux with KVM on it. */
  intelMachine: factsFile('intel-machine'),
} as const;

/** Words of `docs/design.md`, under the heading `section`: what we decided where the seeds leave a choice. */
export const design = (section: string, words: string): Source =>
  source(`design.md ${section}, "${words}"`);

/** Words of `docs/guarded-page.md`: what must hold where both mechanisms meet, of which no source speaks. */
export const guardedPage = (section: 'The machine' | 'Readings' | 'The ten rules', words: string): Source =>
  source(`guarded-page.md ${section}, "${words}"`);

/** A section of Intel's manual, volume 3C, by its title; its text is not here. */
export const sdm = (
  title:
    | 'Accessed and Dirty Flags for EPT'
    | 'EPT Translation Mechanism'
    | 'EPT Violations'
    | 'EPT and Memory Typing'
    | 'Exit Qualification'
    | 'Exit Qualification for EPT Violations'
    | 'Extended-Page-Table Pointer (EPTP)'
    | 'The Extended Page Table Mechanism (EPT)'
    | 'Virtualization-Exception Information'
    | 'VM-Execution Control Fields',
  detail?: string,
): Source => source(`SDM vol. 3C, "${title}"${detail === undefined ? '' : `: ${detail}`}`);

/** A function of Linux, below `arch/x86/kvm/`; what it calls there, or words of its text, which is not here. */
export const kernel = (
  file: 'x86.c' | 'svm/nested.c' | 'vmx/nested.c',
  name: string,
  ...within: readonly string[]
): Source => source(`${file}, ${name}${listed(within, isIdentifier)}`);

/** A commit of Linux by its subject. */
export const commit = (subject: string): Source => source(`Linux, commit "${subject}"`);

/** What is written nowhere else: the thing itself says it. */
export const ours = (
  words:
    | 'the check itself'
    | 'the write itself'
    | 'the unlocking itself'
    | 'the profile: own gpas'
    | 'found here'
    | 'a limit of this oracle',
): Source => source(words);

/** Several sources of one rule. */
export const both = (...sources: readonly [Source, Source, ...Source[]]): Source =>
  source(sources.join('; '));
