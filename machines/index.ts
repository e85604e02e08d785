export { type PageContext, type PageEvent, pageOwnership } from './page-ownership.ts';
export { type LifeEvent, vmLifecycle } from './vm-lifecycle.ts';
export { sppPage, type SppPageEvent } from './spp-page.ts';
