import { anySet, maskOf } from '../../bits/index.ts';
import type { WalkFault } from '../rules.ts';
import { EptPte } from '../entry.ts';
import { Eptp } from '../eptp.ts';
import { logDirtyPage } from '../flags.ts';
import { ViolationQualification } from '../qualification.ts';
import { allGive } from '../rights.ts';
import type { WalkRules } from '../rules.ts';
import { facts, sdm, seed } from '../../citation.ts';

type Report = ReturnType<WalkRules['violationQualification']>;

/** The fault that reports something else than the rules do. */
const reporting = (
  name: string,
  about: string,
  change: (report: Report, ...of: Parameters<WalkRules['violationQualification']>) => bigint,
): WalkFault => ({
  name,
  about,
  source: facts.eptSpp('1.5', 'Exit qualification, EPT violation'),
  change: rules => ({
    violationQualification: (...of) => {
      const report = rules.violationQualification(...of);
      return { ...report, word: change(report, ...of) };
    },
  }),
});

const Q = ViolationQualification;
const everyBit = [
  'read',
  'write',
  'execute',
  'readable',
  'writable',
  'executable',
  'executableUser',
  'linearValid',
  'finalTranslation',
  'linearUser',
  'linearWritable',
  'linearNx',
  'nmiUnblocking',
  'shadowStack',
  'shadowStackPage',
] as const;

const qualification: readonly WalkFault[] = [
  ...everyBit.flatMap(field => [
    reporting(`qualification-${field}-never-set`, `Bit ${field} is never reported.`, ({ word }) =>
      Q.with(word, { [field]: false }),
    ),
    reporting(`qualification-${field}-always-set`, `Bit ${field} is always reported.`, ({ word }) =>
      Q.with(word, { [field]: true }),
    ),
  ]),
  reporting(
    'qualification-reserved-bit-set',
    'A reserved bit is reported.',
    ({ word }) => word | maskOf({ hi: 17, lo: 17 }),
  ),
  reporting(
    'qualification-leaf-rights',
    'Bits 5:3 report the rights of the last entry read alone.',
    ({ word }, _demand, entries) => {
      const last = entries.slice(-1);
      return Q.with(word, {
        readable: allGive(last, 'read'),
        writable: allGive(last, 'write'),
        executable: allGive(last, 'execute'),
      });
    },
  ),
  reporting(
    'qualification-upper-rights',
    'Bits 5:3 report the rights of the entries above the last one.',
    ({ word }, _demand, entries) => {
      const above = entries.slice(0, -1);
      return Q.with(word, {
        readable: allGive(above, 'read'),
        writable: allGive(above, 'write'),
        executable: allGive(above, 'execute'),
      });
    },
  ),
  {
    name: 'reported-address-of-the-page',
    about: 'An exit reports the address of the page, so that the sub-page is lost.',
    source: facts.eptSpp('1.5', 'GPA 11:0 are cleared in the VMCS'),
    change: () => ({ reportedAddress: ({ gpa }) => gpa - (gpa % 4096n) }),
  },
  {
    name: 'spp-miss-reported-as-misconfiguration',
    about: 'Bit 11 of the qualification of an SPP-related event is inverted.',
    source: seed('001', 'Set for SPPT Miss, cleared for SPPT Misconfig.'),
    change: rules => ({
      sppQualification: (kind, cpu) =>
        rules.sppQualification(kind === 'miss' ? 'misconfigured' : 'miss', cpu),
    }),
  },
  {
    name: 'spp-nmi-unblocking-not-reported',
    about: 'Bit 12 of the qualification of an SPP-related event is never set.',
    source: seed('001', 'NMI unblocking due to IRET'),
    change: rules => ({
      sppQualification: (kind, cpu) =>
        rules.sppQualification(kind, { ...cpu, state: { ...cpu.state, nmiUnblockingIret: false } }),
    }),
  },
];

const flags: readonly WalkFault[] = [
  {
    name: 'flag-update-loses-bit-61',
    about: 'The write that sets a flag clears bit 61.',
    source: facts.eptSpp('2', 'set A in every entry used, D in the leaf if wr'),
    change: rules => ({
      flagUpdates: (...of) => {
        const { writes, setsDirty } = rules.flagUpdates(...of);
        const losing = writes.map(one => ({
          ...one,
          word: EptPte.with(one.word, { subPageWrite: false }),
        }));
        return { writes: losing, setsDirty };
      },
    }),
  },
  {
    name: 'accessed-in-leaf-only',
    about: 'The accessed flag of upper entries is not set.',
    source: facts.eptSpp('2', 'set A in every entry used'),
    change: rules => ({
      flagUpdates: (page, ...more) => rules.flagUpdates({ ...page, entries: [page.leaf] }, ...more),
    }),
  },
  {
    name: 'flags-without-control',
    about: 'Accessed and dirty flags are set although EPTP bit 6 is 0.',
    source: facts.eptSpp('1.1', 'enable A/D flags'),
    change: rules => ({
      flagUpdates: (page, demand, cpu) =>
        rules.flagUpdates(page, demand, { ...cpu, eptp: Eptp.with(cpu.eptp, { accessedDirty: true }) }),
    }),
  },
  {
    name: 'dirty-never-set',
    about: 'No write sets the dirty flag.',
    source: facts.eptSpp('2', 'D in the leaf if wr'),
    change: rules => ({
      flagUpdates: (page, demand, cpu) => rules.flagUpdates(page, { ...demand, write: false }, cpu),
    }),
  },
  {
    name: 'dirty-by-reads',
    about: 'Reads set the dirty flag too.',
    source: facts.eptSpp('2', 'D in the leaf if wr'),
    change: rules => ({
      flagUpdates: (page, demand, cpu) => rules.flagUpdates(page, { ...demand, write: true }, cpu),
    }),
  },
  {
    name: 'sub-page-writes-not-dirty',
    about: 'A write that the sub-page vector grants does not set the dirty flag.',
    source: facts.eptSpp('2', 'SPP-granted writes set D and log exactly as ordinary ones'),
    change: rules => ({
      flagUpdates: (page, demand, cpu) =>
        rules.flagUpdates(page, { ...demand, write: demand.write && allGive(page.entries, 'write') }, cpu),
    }),
  },
  {
    name: 'log-full-at-index-511',
    about: 'Index 511 counts as a full log.',
    source: facts.eptSpp('2', 'PML index > 511'),
    change: rules => ({
      isLogFull: (updates, cpu) =>
        rules.isLogFull(updates, { ...cpu, state: { ...cpu.state, pmlIndex: cpu.state.pmlIndex + 1 } }),
    }),
  },
  {
    name: 'log-full-never',
    about: 'An index beyond the log is written all the same.',
    source: facts.eptSpp('2', 'exit 62 with nothing set'),
    change: () => ({ isLogFull: () => false }),
  },
  {
    name: 'log-full-for-dirty-only',
    about: 'An access that must set accessed flags only does not ask for room in the log.',
    source: facts.eptSpp('2', 'if an A or D flag must be set and PML index > 511'),
    change: rules => ({ isLogFull: (updates, cpu) => updates.setsDirty && rules.isLogFull(updates, cpu) }),
  },
  {
    name: 'log-every-accessed-page',
    about: 'A page is logged whenever a flag is set, not only for a dirty one.',
    source: facts.eptSpp('2', 'after a D 0->1 log gpa&~0xfff'),
    change: rules => ({
      flagUpdates: (...of) => {
        const { writes } = rules.flagUpdates(...of);
        return { writes, setsDirty: writes.length > 0 };
      },
    }),
  },
  {
    name: 'log-address-unaligned',
    about: 'The log entry keeps bits 11:0 of the address.',
    source: facts.eptSpp('2', 'after a D 0->1 log gpa&~0xfff'),
    change: () => ({
      logDirtyPage: (gpa, cpu) => {
        const { entry, pmlIndexAfter } = logDirtyPage(gpa, cpu);
        return { entry: { ...entry, word: gpa }, pmlIndexAfter };
      },
    }),
  },
  {
    name: 'log-index-not-decremented',
    about: 'The log index stays where it is.',
    source: facts.eptSpp('2', 'index--'),
    change: rules => ({
      logDirtyPage: (gpa, cpu) => ({ ...rules.logDirtyPage(gpa, cpu), pmlIndexAfter: cpu.state.pmlIndex }),
    }),
  },
];

const exceptions: readonly WalkFault[] = [
  {
    name: 've-info-overwritten',
    about: 'A #VE is raised although its information area is in use.',
    source: facts.eptSpp('2', '32 bits at VE-info+4 zero'),
    change: () => ({ isVeInfoFree: () => true }),
  },
  {
    name: 've-info-whole-word-asked',
    about: 'A #VE is not raised where the low half of the first word is not zero.',
    source: facts.eptSpp('2', '32 bits at VE-info+4 zero'),
    change: () => ({ isVeInfoFree: header => !anySet(header, maskOf({ hi: 63, lo: 0 })) }),
  },
  {
    name: 've-info-not-filled',
    about: 'The information area stays as it is.',
    source: sdm('Virtualization-Exception Information'),
    change: () => ({ veInfo: () => [] }),
  },
  {
    name: 've-suppressed-by-clear-bit',
    about: 'Bit 63 is taken the other way round: 1 permits the #VE.',
    source: facts.eptSpp('2', 'bit 63 of the last entry read = 0'),
    change: rules => ({
      veConditions: rules.veConditions.map(condition =>
        condition.name === 'not-suppressed'
          ? { ...condition, holds: ({ last }) => last !== undefined && EptPte.get(last.word, 'suppressVe') }
          : condition,
      ),
    }),
  },
];

export const reports: readonly WalkFault[] = [...qualification, ...flags, ...exceptions];
