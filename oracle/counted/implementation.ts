import { type Arm64Columns, arm64Revisions } from '../../model/pkvm/counted/arm64/index.ts';
import { type Columns, x86Revisions } from '../../model/pkvm/counted/index.ts';

/** x86 code that counts, as the oracle holds recordings of it against the model. */
export interface X86Implementation {
  readonly name: string;
  readonly about: string;
  /** Which recordings it can be held against. */
  readonly machine: 'x86';
  readonly columns: Columns;
}

/** arm64 code. */
export interface Arm64Implementation {
  readonly name: string;
  readonly about: string;
  readonly machine: 'arm64';
  readonly columns: Arm64Columns;
}

export type CountedImplementation = X86Implementation | Arm64Implementation;

export const countedImplementations: readonly CountedImplementation[] = [
  {
    name: 'x86-2026',
    about: 'the x86 code of mid 2026, as built: a table page that is missing is found out on the way',
    machine: 'x86',
    columns: x86Revisions.G2c,
  },
  {
    name: 'x86-2026-strict',
    about: 'the same, where a call that is refused has changed nothing and no call of the host panics',
    machine: 'x86',
    columns: x86Revisions.strict,
  },
  {
    name: 'x86-2026-g2a',
    about: 'the x86 code of early 2026: ranges that wrap, pins on unshared pages only, shares taken back',
    machine: 'x86',
    columns: x86Revisions.G2a,
  },
  {
    name: 'x86-2026-g2b',
    about: 'the x86 code between: ranges checked, donation before the VM is final',
    machine: 'x86',
    columns: x86Revisions.G2b,
  },
  {
    name: 'arm64-mainline',
    about: 'the arm64 code of 7.3, as it ran: an assertion that fails is a panic',
    machine: 'arm64',
    columns: arm64Revisions.mainline,
  },
  {
    name: 'arm64-mainline-strict',
    about: 'the same, where no call of the host panics and no share is forgotten',
    machine: 'arm64',
    columns: arm64Revisions['mainline-strict'],
  },
  {
    name: 'arm64-7.0',
    about: 'the arm64 code before 7.1: a table page that is missing is found out by an assertion',
    machine: 'arm64',
    columns: arm64Revisions['7.0'],
  },
  {
    name: 'arm64-6.12',
    about: 'the arm64 code of 6.12: no page of a guest is tracked',
    machine: 'arm64',
    columns: arm64Revisions['6.12'],
  },
];

export const countedImplementationNamed = (name: string): CountedImplementation | undefined =>
  countedImplementations.find(known => known.name === name);
