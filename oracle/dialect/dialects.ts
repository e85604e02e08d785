import type { Dialect } from './dialect.ts';

const pkvm: Dialect['pkvm'] = {
  deviations: [],
  enomem: 'may',
  ignoreAccessedDirty: true,
  ignoreSuppressVe: false,
};

/** design.md, "Normative choices". */
const seed004: Dialect = {
  name: 'seed-004',
  about: 'the specification: seed 004 and the normative choices of design.md',
  pkvm,
  silent: { max: 0, operations: [] },
  spp: { notPresentVsReserved: 'miss', crossing: 'each', writeBit: 'accumulated' },
  processor: {
    physicalAddressWidth: 46,
    executeOnly: true,
    oneGPages: true,
    accessedDirty: true,
    modeBasedExecute: false,
  },
};

/** What the code of the RFC and its next parts does otherwise: facts/pkvm.md 0.2, 1.1 and 5. */
const rfc7AsBuilt: Dialect = {
  ...seed004,
  name: 'rfc7-as-built',
  about: 'the early code as it ran: checks that compare page states only, calls of guests page by page',
  pkvm: {
    ...pkvm,
    enomem: 'never',
    deviations: [
      'arguments.size_zero', // C2
      'arguments.aligned', // C1
      'arguments.wrap', // C3
      'arguments.prot', // prot=0 accepted
      'arguments.ram', // C4: not looked at
      'kind.protected', // the callers choose by VM type, the API does not ask
      'kind.normal',
      'donate.request.hyp.owner', // B2
      'donate.acknowledge.host.owner', // B2
      'share.acknowledge.host.owner', // B2
      'donate.request.guest.page', // B8
      'unshare.acknowledge.guest.page', // B8
      'page_asserted_late', // B8
      'late_enomem', // B4
      'guest_calls_page_by_page', // C5
      'unshare_size_underflows', // B3
    ],
  },
};

/** Seeds 000 to 003 with the hardware readings of design.md. */
const sppSeed: Dialect = {
  ...seed004,
  name: 'spp-seed',
  about: 'sub-page write permissions as the seeds describe them, read as design.md decides',
};

/** The last published series and Bochs: the other reading of an invalid SPPT entry with reserved bits. */
const sppV12: Dialect = {
  ...seed004,
  name: 'spp-v12',
  about:
    'sub-page write permissions, an invalid SPPT entry with reserved bits set read as a misconfiguration',
  spp: { ...seed004.spp, notPresentVsReserved: 'misconfig' },
};

/** The profiles that ship, the normative one first. */
export const dialects: readonly Dialect[] = [seed004, rfc7AsBuilt, sppSeed, sppV12];
export const normative: Dialect = seed004;

export const dialectNamed = (name: string): Dialect | undefined =>
  dialects.find(dialect => dialect.name === name);
