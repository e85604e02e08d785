/**
 * How kernels record who owns a page: everything in which they differ is a column of this table, and the code asks for
 * the column, never for the name. facts/arm64-live.md 1, 5 and 6.
 */
export type Arm64KernelName = '6.1' | '6.12' | '6.17' | '7.3';

export interface Arm64Kernel {
  readonly name: Arm64KernelName;
  /** Where the host's state of a page lives: software bits 56:55 of the host's leaf, or the record in hyp_vmemmap. */
  readonly stateIn: 'host leaf' | 'hyp_vmemmap';
  /** The form of an invalid leaf of the host's table that records an owner. */
  readonly annotation: 'owner id' | 'typed';
  /** Whether bit 10 of an annotation says that a call in progress holds the leaf. */
  readonly hasLockedBit: boolean;
  /** Whether a page shared with a normal guest is recorded at all. */
  readonly tracksNormalGuests: boolean;
  readonly hasProtectedGuests: boolean;
}

export const arm64Kernels: readonly Arm64Kernel[] = [
  {
    name: '6.1',
    stateIn: 'host leaf',
    annotation: 'owner id',
    hasLockedBit: false,
    tracksNormalGuests: false,
    hasProtectedGuests: false,
  },
  {
    name: '6.12',
    stateIn: 'host leaf',
    annotation: 'owner id',
    hasLockedBit: true,
    tracksNormalGuests: false,
    hasProtectedGuests: false,
  },
  {
    name: '6.17',
    stateIn: 'hyp_vmemmap',
    annotation: 'owner id',
    hasLockedBit: true,
    tracksNormalGuests: true,
    hasProtectedGuests: false,
  },
  {
    name: '7.3',
    stateIn: 'hyp_vmemmap',
    annotation: 'typed',
    hasLockedBit: true,
    tracksNormalGuests: true,
    hasProtectedGuests: true,
  },
];

/** The kernel with that version, longer versions (`7.3.4`) included; `undefined` for one that nobody has looked at. */
export const arm64KernelNamed = (version: string): Arm64Kernel | undefined =>
  arm64Kernels.find(({ name }) => version === name || version.startsWith(`${name}.`));
