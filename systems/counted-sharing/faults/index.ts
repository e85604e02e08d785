import { checksLeftOut } from './checks.ts';
import { suggestedFaults, x86Stories } from './stories.ts';

/** What can be wrong with counted sharing, each by a name. */
export const sharingFaults = [...x86Stories, ...suggestedFaults, ...checksLeftOut];
