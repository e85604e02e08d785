export { type PageContext, type PageEvent, pageOwnership } from './page-ownership.ts';
