export {
  NestedEnlightenmentsControl,
  NestedEnlightenmentsControlModern,
  VpAssistPage,
  VpAssistPageBefore,
  vpAssistPageHistory,
  VpAssistPageMerged,
  VpAssistPageV1,
} from './vp-assist-page.ts';
export {
  type Enlightenment,
  guestWrites,
  hypervisorReads,
  type VpAssistPageRevision,
  vpAssistPageWords,
} from './guest-writes.ts';
