import type { OperationFaultName } from '../../model/pkvm/index.ts';
import type { Implementation } from './implementation.ts';

const pkvm: Implementation['pkvm'] = {
  deviations: [],
  enomem: 'may',
  ignoreAccessedDirty: true,
  ignoreSuppressVe: false,
};

/** design.md, Normative choices. */
const seed004: Implementation = {
  name: 'seed-004',
  about: 'the specification: seed 004 and the normative choices of design.md',
  pkvm,
  silent: { max: 0, operations: [] },
  spp: { notPresentVsReserved: 'miss', crossing: 'each', writeBit: 'accumulated' },
};

/** What the code of the RFC and its next parts does otherwise: facts/pkvm.md 0.2, 1.1 and 5. */
const asBuilt: readonly OperationFaultName[] = [
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
];

const rfc7AsBuilt: Implementation = {
  ...seed004,
  name: 'rfc7-as-built',
  about: 'the early code as it ran: checks that compare page states only, calls of guests page by page',
  pkvm: {
    ...pkvm,
    enomem: 'never',
    deviations: [...asBuilt],
  },
};

/** The last published series and Bochs: the other reading of an invalid SPPT entry with reserved bits. */
const sppV12: Implementation = {
  ...seed004,
  name: 'spp-v12',
  about:
    'sub-page write permissions, an invalid SPPT entry with reserved bits set read as a misconfiguration',
  spp: { ...seed004.spp, notPresentVsReserved: 'misconfig' },
};

/** The implementations that ship, the normative one first. */
export const implementations: readonly Implementation[] = [seed004, rfc7AsBuilt, sppV12];
export const normative: Implementation = seed004;

/** `spp-seed` is an old name of the normative one, for one release. */
export const implementationNamed = (name: string): Implementation | undefined =>
  implementations.find(known => known.name === (name === 'spp-seed' ? normative.name : name));
