import type { Property } from '../checker/index.ts';
export const walkProperties = (_view: unknown): readonly Property[] => [];
