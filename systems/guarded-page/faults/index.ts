import type { TriedFault } from '../../system.ts';
import { redundant } from '../redundant.ts';
import type { GuardRules } from '../rules.ts';
import { checksLeftOut } from './checks.ts';
import { stepsLeftOut, stepsSwapped } from './programs.ts';
import { stories } from './stories.ts';

const all = [...stories, ...checksLeftOut, ...stepsLeftOut, ...stepsSwapped];
const isRedundant = ({ name }: TriedFault<GuardRules>): boolean =>
  redundant.some(({ mutant }) => mutant === name);

/** Every fault that breaks something. */
export const guardedPageFaults = all.filter(fault => !isRedundant(fault));

/** Orders that are no part of the rules: swapped, they break nothing. */
export const redundantOrders = all.filter(isRedundant);
