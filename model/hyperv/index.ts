export {
  NestedEnlightenmentsControl,
  NestedEnlightenmentsControlModern,
  VpAssistPage,
  VpAssistPageBefore,
  vpAssistPageHistory,
  VpAssistPageMerged,
  VpAssistPageV1,
} from './vp-assist-page.ts';
