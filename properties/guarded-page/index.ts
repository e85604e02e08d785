import type { Property } from '../../checker/index.ts';
import type { GuardedView } from './view.ts';
import { calls } from './calls.ts';
import { held, told } from './holder.ts';
import { leaves } from './leaves.ts';
import { reached } from './reached.ts';
import { sppt } from './sppt.ts';
import { vectors } from './vectors.ts';
import { writes } from './writes.ts';

/** Every sentence about a machine with both mechanisms. */
export const guardedPageProperties = (view: GuardedView): readonly Property[] => [
  ...held(view),
  ...writes(view),
  ...leaves(view),
  ...vectors(view),
  ...sppt(view),
  ...told(view),
  ...calls(view),
  ...reached(view),
];
