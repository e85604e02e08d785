import type { Word } from '../bits/index.ts';
import { Spptp } from './spp/entry.ts';
import type { Cpu } from './cpu.ts';
import { EptMemoryType } from './entry.ts';
import { Eptp } from './eptp.ts';
import { PageAddress } from './page-address.ts';
import { reservedBitsInWords } from './reserved-bits.ts';
import { facts, sdm, type Source } from '../citation.ts';

export type EntryField = 'eptp' | 'spptp' | 'pmlAddress' | 'veInfoAddress';

/** A check that VM entry makes of a control field: how the field must be, which is the check's name. */
export interface EntryCheck {
  readonly field: EntryField;
  readonly name: string;
  readonly source: Source;
  holds(cpu: Cpu<Word>): boolean;
  /** What is so where it does not hold. */
  found(cpu: Cpu): string;
}

/**
 * What VM entry checks before any walk, in this order. SDM vol. 3C, "VM-Execution Control Fields" under "Checks on
 * VMX Controls"; facts 1.1 and 1.4. The enabling control of each optional field is part of its check.
 */
export const entryChecks: readonly EntryCheck[] = [
  {
    field: 'eptp',
    name: 'the memory type is 0 (UC) or 6 (WB), and supported',
    source: facts.eptSpp('1.1', 'memory type of EPT structures'),
    holds: ({ eptp, capabilities }) => {
      const { UC, WB } = EptMemoryType;
      const supported = [
        ...(capabilities.uncacheableEpt ? [UC] : []),
        ...(capabilities.writeBackEpt ? [WB] : []),
      ];
      return Eptp.isOneOf(eptp, 'memoryType', supported);
    },
    found: ({ eptp }) => `the memory type is ${Eptp.get(eptp, 'memoryType')}`,
  },
  {
    field: 'eptp',
    name: 'the page-walk length is 4, or 5 where supported',
    source: facts.eptSpp('1.1', 'page-walk length - 1'),
    holds: ({ eptp, capabilities }) => {
      const lengthMinusOne = Eptp.get(eptp, 'walkLengthMinusOne');
      return (
        (lengthMinusOne === 3 && capabilities.fourLevelWalk) ||
        (lengthMinusOne === 4 && capabilities.fiveLevelWalk)
      );
    },
    found: ({ eptp }) => `the page-walk length is ${Eptp.get(eptp, 'walkLengthMinusOne') + 1}`,
  },
  {
    field: 'eptp',
    name: 'accessed and dirty flags are enabled only where supported',
    source: facts.eptSpp('1.1', 'fails if cap bit 21 = 0'),
    holds: ({ eptp, capabilities }) => !Eptp.get(eptp, 'accessedDirty') || capabilities.eptAdSupported,
    found: () => 'accessed and dirty flags are enabled and not supported',
  },
  {
    field: 'eptp',
    name: 'supervisor shadow-stack control is enabled only where supported',
    source: facts.eptSpp('1.1', 'fails if cap bit 23 = 0'),
    holds: ({ eptp, capabilities }) => !Eptp.get(eptp, 'supervisorShadowStack') || capabilities.cet,
    found: () => 'supervisor shadow-stack control is enabled and not supported',
  },
  {
    field: 'eptp',
    name: 'bits 11:8 and 63:N are 0',
    source: facts.eptSpp('1.1', 'reserved 0'),
    holds: ({ eptp, maxPhysicalAddressWidth }) => Eptp.isWellFormed(eptp, maxPhysicalAddressWidth),
    found: ({ eptp, maxPhysicalAddressWidth: width }) =>
      reservedBitsInWords(Eptp.reservedBits(eptp, width), width),
  },
  {
    field: 'spptp',
    name: 'bits 11:0 and 63:N are 0 where the sub-page control is 1',
    source: facts.eptSpp(
      '1.4',
      '11:0 must be 0, 63:N must be 0; checked at VM entry only when bit 23 is set',
    ),
    holds: ({ spptp, controls, maxPhysicalAddressWidth }) =>
      !controls.spp || Spptp.isWellFormed(spptp, maxPhysicalAddressWidth),
    found: ({ spptp, maxPhysicalAddressWidth: width }) =>
      reservedBitsInWords(Spptp.reservedBits(spptp, width), width),
  },
  {
    field: 'pmlAddress',
    name: 'bits 11:0 and 63:N are 0 where PML is enabled',
    source: sdm('VM-Execution Control Fields', 'PML address'),
    holds: ({ state, controls, maxPhysicalAddressWidth }) =>
      !controls.pml || PageAddress.isWellFormed(state.pmlAddress, maxPhysicalAddressWidth),
    found: ({ state, maxPhysicalAddressWidth: width }) =>
      reservedBitsInWords(PageAddress.reservedBits(state.pmlAddress, width), width),
  },
  {
    field: 'veInfoAddress',
    name: 'bits 11:0 and 63:N are 0 where EPT-violation #VE is enabled',
    source: sdm('VM-Execution Control Fields', 'virtualization-exception information address'),
    holds: ({ state, controls, maxPhysicalAddressWidth }) =>
      !controls.eptViolationVe || PageAddress.isWellFormed(state.veInfoAddress, maxPhysicalAddressWidth),
    found: ({ state, maxPhysicalAddressWidth: width }) =>
      reservedBitsInWords(PageAddress.reservedBits(state.veInfoAddress, width), width),
  },
];
