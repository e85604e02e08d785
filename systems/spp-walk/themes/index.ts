import { bitsTheme, vectorsTheme } from './bits.ts';
import { ept, five } from './ept.ts';
import { limits, mbe } from './execute.ts';
import { flags, flagsOff } from './flags.ts';
import { shadowStack, shadowStackOff } from './shadow-stack.ts';
import { spp } from './spp.ts';
import { ve } from './virtualization-exception.ts';
import { entry } from './vm-entry.ts';
import type { Theme } from '../theme.ts';

export { bitsTheme, vectorsTheme } from './bits.ts';

/** The themes whose classes are tried in every combination. */
export const themes: readonly Theme[] = [
  spp,
  ept,
  five,
  mbe,
  limits,
  shadowStack,
  shadowStackOff,
  flags,
  flagsOff,
  ve,
  entry,
];

/** All of them. Of the last, one word at a time differs from a well-formed image. */
export const everyTheme: readonly Theme[] = [...themes, vectorsTheme, bitsTheme];
