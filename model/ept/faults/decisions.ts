import { anySet, maskOf } from '../../bits/index.ts';
import type { WalkFault } from '../rules.ts';
import { EptPte } from '../entry.ts';
import { Eptp } from '../eptp.ts';
import { entryAddress, pageSizeBytes } from '../level.ts';
import { allGive } from '../rights.ts';
import { facts } from '../../citation.ts';

const presence: readonly WalkFault[] = [
  {
    name: 'present-by-any-bit',
    about:
      'An entry is present if any bit of it is set, so that reserved bits of a not-present entry count.',
    source: facts.eptSpp('1.2', 'Every other bit of a not-present entry is ignored'),
    change: () => ({ isPresent: word => anySet(word, maskOf({ hi: 63, lo: 0 })) }),
  },
  {
    name: 'present-by-read-bit',
    about: 'An entry is present if it permits reads, as a page-table entry is by its bit 0.',
    source: facts.eptSpp('1.2', 'Not present: bits 2:0 = 000'),
    change: () => ({ isPresent: word => EptPte.get(word, 'read') }),
  },
  {
    name: 'present-by-bit-10',
    about: 'Bit 10 alone makes an entry present without mode-based execute control.',
    source: facts.eptSpp('1.2', 'with MBE, bit 10 = 0'),
    change: rules => ({
      isPresent: (word, cpu) => rules.isPresent(word, cpu) || EptPte.get(word, 'executeUser'),
    }),
  },
  {
    name: 'bit-10-never-present',
    about: 'An entry with bit 10 alone is not present under mode-based execute control either.',
    source: facts.eptSpp('1.2', 'with MBE, bit 10 = 0'),
    change: rules => ({
      isPresent: (word, cpu) =>
        rules.isPresent(word, { ...cpu, controls: { ...cpu.controls, mbe: false } }),
    }),
  },
];

const rights: readonly WalkFault[] = [
  {
    name: 'violation-before-misconfiguration',
    about: 'An upper entry without the right ends the walk, before a misconfigured lower entry is seen.',
    source: facts.eptSpp('1.3', 'a permission shortfall does NOT stop it'),
    change: () => ({
      endsWalkEarly: (word, demand) =>
        (demand.read && !EptPte.get(word, 'read')) || (demand.write && !EptPte.get(word, 'write')),
    }),
  },
  {
    name: 'leaf-rights-only',
    about: 'The rights of the leaf count, not those of all entries used.',
    source: facts.eptSpp('2', 'acc &= entry'),
    change: rules => ({
      missingRights: (page, ...more) => rules.missingRights({ ...page, entries: [page.leaf] }, ...more),
    }),
  },
  {
    name: 'upper-rights-only',
    about: 'The rights of the leaf do not count.',
    source: facts.eptSpp('2', 'acc &= entry'),
    change: rules => ({
      missingRights: (page, ...more) =>
        rules.missingRights({ ...page, entries: page.entries.slice(0, -1) }, ...more),
    }),
  },
  {
    name: 'mode-based-execute-ignored',
    about: 'Execution from user-mode linear addresses asks for bit 2 also with mode-based execute control.',
    source: facts.eptSpp('2', 'MBE: bit 10 if userMode else bit 2'),
    change: rules => ({
      missingRights: (page, demand, cpu) =>
        rules.missingRights(page, demand, { ...cpu, controls: { ...cpu.controls, mbe: false } }),
    }),
  },
  {
    name: 'mode-based-execute-swapped',
    about: 'Bit 10 counts for supervisor-mode linear addresses and bit 2 for user-mode ones.',
    source: facts.eptSpp('2', 'MBE: bit 10 if userMode else bit 2'),
    change: rules => ({
      missingRights: (page, demand, cpu) =>
        rules.missingRights(
          page,
          { ...demand, access: { ...demand.access, userMode: !demand.access.userMode } },
          cpu,
        ),
    }),
  },
  {
    name: 'bit-10-without-control',
    about: 'Bit 10 decides user-mode execution also without mode-based execute control.',
    source: facts.eptSpp('1.2', 'XU if MBE else ign'),
    change: rules => ({
      missingRights: (page, demand, cpu) =>
        rules.missingRights(page, demand, { ...cpu, controls: { ...cpu.controls, mbe: true } }),
    }),
  },
  ...(['read', 'write', 'execute'] as const).map((right): WalkFault => ({
    name: `${right}-permission-not-asked`,
    about: `No access is refused for want of ${right} permission.`,
    source: facts.eptSpp('2', 'rd -> acc.R; wr -> acc.W; ex -> acc.X'),
    change: rules => ({
      missingRights: (...page) => rules.missingRights(...page).filter(missing => missing !== right),
    }),
  })),
];

const shadowStack: readonly WalkFault[] = [
  ...(
    [
      ['read', 'shadow-stack-read-bit-not-asked', 'need not permit reads'],
      [
        'write-above-leaf',
        'shadow-stack-upper-write-bits-not-asked',
        'need not be writable above the leaf',
      ],
      ['shadow-stack-page', 'shadow-stack-bit-60-not-asked', 'need not have bit 60'],
    ] as const
  ).map(([right, name, what]): WalkFault => ({
    name,
    about: `A supervisor shadow-stack page ${what}.`,
    source: facts.eptSpp('2', 'W in all entries EXCEPT the leaf, leaf bit 60'),
    change: rules => ({
      missingRights: (page, demand, cpu) =>
        rules
          .missingRights(page, demand, cpu)
          .filter(missing => !demand.supervisorShadowStack || missing !== right),
    }),
  })),
  {
    name: 'shadow-stack-leaf-write-bit-asked',
    about: 'A supervisor shadow-stack write also needs the write bit of the leaf.',
    source: facts.eptSpp('2', 'W in all entries EXCEPT the leaf'),
    change: rules => ({
      missingRights: (page, demand, cpu) => [
        ...rules.missingRights(page, demand, cpu),
        ...(demand.supervisorShadowStack && demand.write && !allGive(page.entries, 'write')
          ? (['write'] as const)
          : []),
      ],
    }),
  },
  {
    name: 'shadow-stack-without-control',
    about: 'Supervisor shadow-stack rights are enforced also where EPTP bit 7 is 0.',
    source: facts.eptSpp('2', 'ss accesses without the control are plain rd/wr'),
    change: rules => ({
      demandOf: (access, cpu) => ({
        ...rules.demandOf(access, cpu),
        supervisorShadowStack: access.supervisorShadowStack,
      }),
    }),
  },
  {
    name: 'shadow-stack-of-user-too',
    about: 'User shadow-stack accesses need bit 60 too.',
    source: facts.eptSpp('2', 'EPTP.7 and sss'),
    change: rules => ({
      demandOf: (access, cpu) =>
        rules.demandOf({ ...access, supervisorShadowStack: access.kind.startsWith('shadow') }, cpu),
    }),
  },
];

const demands: readonly WalkFault[] = [
  {
    name: 'page-walk-stays-read',
    about: 'Guest page walks are reads also where EPT accessed and dirty flags are enabled.',
    source: facts.eptSpp('2', 'If EPTP.6 and pageWalk and linearValid: wr := true'),
    change: rules => ({
      demandOf: (access, cpu) =>
        rules.demandOf(access, { eptp: Eptp.with(cpu.eptp, { accessedDirty: false }) }),
    }),
  },
  {
    name: 'page-walk-writes-without-flags',
    about: 'Guest page walks count as writes also where EPT accessed and dirty flags are disabled.',
    source: facts.eptSpp('2', 'If EPTP.6 and pageWalk and linearValid: wr := true'),
    change: rules => ({
      demandOf: (access, cpu) => {
        const demand = rules.demandOf(access, cpu);
        return { ...demand, write: demand.write || (access.pageWalk && access.linearValid) };
      },
    }),
  },
  {
    name: 'pdpte-load-is-write',
    about:
      'The loads of PDPTEs by MOV to CR count as writes where EPT accessed and dirty flags are enabled.',
    source: facts.eptSpp('2', 'PDPTE loads (linearValid=0) stay reads'),
    change: rules => ({
      demandOf: (access, cpu) => ({
        ...rules.demandOf(access, cpu),
        write: rules.demandOf({ ...access, linearValid: access.linearValid || access.pageWalk }, cpu).write,
      }),
    }),
  },
  {
    name: 'rmw-is-read',
    about: 'A read-modify-write asks for read permission only.',
    source: facts.eptSpp('2', 'wr = write|rmw|ss-write'),
    change: rules => ({
      demandOf: (access, cpu) =>
        rules.demandOf(access.kind === 'rmw' ? { ...access, kind: 'read' } : access, cpu),
    }),
  },
];

const addresses: readonly WalkFault[] = [
  {
    name: 'large-page-offset-of-12-bits',
    about: 'The offset in a large page is bits 11:0 of the address.',
    source: facts.eptSpp('1.2', 'page offset 11:0 / 20:0 / 29:0'),
    change: () => ({ hostAddress: ({ page }, gpa) => page + (gpa % pageSizeBytes['4K']) }),
  },
  ...([5, 4, 3, 2, 1] as const).map((level): WalkFault => ({
    name: `level-${level}-index-off`,
    about: `The index of level ${level} is taken from the bits of the level below it.`,
    source: facts.eptSpp('1.2', 'GPA index per level'),
    change: () => ({
      entryAddress: (table, at, gpa) =>
        at === level
          ? entryAddress(table, level === 1 ? 2 : ((level - 1) as 1 | 2 | 3 | 4), gpa)
          : entryAddress(table, at, gpa),
    }),
  })),
  {
    name: 'suppress-ve-of-the-first-entry',
    about: 'Bit 63 of the first entry read decides about #VE, not that of the last.',
    source: facts.eptSpp('1.2', 'that of the LAST entry read'),
    change: rules => ({
      veConditions: rules.veConditions.map(condition =>
        condition.name === 'not-suppressed'
          ? {
              ...condition,
              holds: ({ first }) => first !== undefined && !EptPte.get(first.word, 'suppressVe'),
            }
          : condition,
      ),
    }),
  },
];

export const decisions: readonly WalkFault[] = [
  ...presence,
  ...rights,
  ...shadowStack,
  ...demands,
  ...addresses,
];
