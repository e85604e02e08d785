import { type Columns, x86Revisions } from '../../model/pkvm/counted/index.ts';

/** Code that counts, as the oracle holds recordings of it against the model. */
export interface CountedImplementation {
  readonly name: string;
  readonly about: string;
  /** Which recordings it can be held against. */
  readonly machine: 'x86';
  readonly columns: Columns;
}

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
];

export const countedImplementationNamed = (name: string): CountedImplementation | undefined =>
  countedImplementations.find(known => known.name === name);
