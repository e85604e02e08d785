import type { WalkInput } from './walk-input.ts';

/** One page at gpa 0x5000, mapped readable with bit 61 set, and a complete SPPT in which sub-page 2 may be written. */
const tables: Readonly<Record<string, string>> = {
  '0x10000': '0x11007',
  '0x11000': '0x12007',
  '0x12000': '0x13007',
  '0x13028': '0x2000000000200035',
  '0x20000': '0x21001',
  '0x21000': '0x22001',
  '0x22000': '0x23001',
  '0x23028': '0x0000000000000010',
};

function example(change: Partial<WalkInput>, words: Readonly<Record<string, string>> = {}): WalkInput {
  const memory = Object.entries({ ...tables, ...words }).map(pair => pair.join(' '));
  return {
    eptp: '0x1001e',
    spptp: '0x20000',
    maxphyaddr: '46',
    kind: 'write',
    gpa: '0x5100',
    size: '8',
    switches: ['spp'],
    memory: memory.join('\n'),
    unlisted: 'zero',
    ...change,
  };
}

/** Accesses to begin with, one for every way a write can end; each says what it shows. */
export const examples: readonly { readonly name: string; readonly input: WalkInput }[] = [
  { name: 'a write that exits with 66: SPPT miss', input: example({}, { '0x22000': '0x0' }) },
  {
    name: 'a write that exits with 66: SPPT misconfiguration',
    input: example({}, { '0x23028': '0x0000000000000018' }),
  },
  { name: 'a write that its sub-page allows', input: example({}) },
  { name: 'a write that its sub-page denies: exit 48', input: example({ gpa: '0x5180' }) },
  { name: 'a write across two sub-pages, one of them denied', input: example({ gpa: '0x517c' }) },
  { name: 'a read of the same page', input: example({ kind: 'read', gpa: '0x5180' }) },
  {
    name: 'a writable page: bit 61 is not looked at',
    input: example({ gpa: '0x5180' }, { '0x13028': '0x2000000000200037' }),
  },
  { name: 'a 2-MByte page: bit 61 means nothing', input: example({}, { '0x12000': '0x20000000002000b5' }) },
  { name: 'the control is off: bit 61 means nothing', input: example({ switches: [] }) },
  { name: 'no entry: EPT violation 48', input: example({}, { '0x13028': '0x0' }) },
  {
    name: 'writable but not readable: EPT misconfiguration 49',
    input: example({}, { '0x13028': '0x200032' }),
  },
];
