import type { Access } from '../../../model/ept/index.ts';
import {
  type AccessChoice,
  everyKind,
  supervisorShadowStack,
  type WalkAccess,
  walkAccess,
} from '../access.ts';
import type { EntryRights } from '../classes.ts';
import { gpaAt } from '../image.ts';

/** Every kind of access that a walk tells apart, each with what it asks for, written down by hand. */
export const everyAccess: readonly AccessChoice[] = [
  ...everyKind,
  { name: 'user read', kind: 'read', asks: ['read'], more: { userMode: true, guestNx: true } },
  { name: 'user fetch', kind: 'execute', asks: ['executeUser'], more: { userMode: true } },
  { name: 'user shadow-stack read', kind: 'shadow_stack_read', asks: ['read'], more: { userMode: true } },
  ...supervisorShadowStack,
];

/** What of a processor changes what an access asks for. Each is looked at only for an access that it changes. */
export interface Asking {
  readonly mbe: boolean;
  accessedDirty(): boolean;
  supervisorShadowStack(): boolean;
}

/**
 * The access as a processor takes it. Accesses to guest paging structures count as writes too where EPT accessed
 * and dirty flags are on; a user fetch asks for bit 10 with mode-based execute control only; and a supervisor
 * shadow-stack access is one only where EPTP bit 7 is 1.
 */
export function asAskedOf(choice: AccessChoice, levels: 4 | 5, processor: Asking): WalkAccess {
  const { asks, more = {}, isSupervisorShadowStack = false } = choice;
  const mayCount = more.pageWalk === true && more.linearValid !== false && !asks.includes('write');
  const rights = asks.map((right): keyof EntryRights =>
    right === 'executeUser' && !processor.mbe ? 'execute' : right,
  );
  return walkAccess(
    {
      ...choice,
      asks: mayCount && processor.accessedDirty() ? [...rights, 'write'] : rights,
      isSupervisorShadowStack: isSupervisorShadowStack && processor.supervisorShadowStack(),
    },
    offset => gpaAt(offset, levels),
  );
}

/** The access as the guest makes it, whatever the processor. */
export const accessOf = (choice: AccessChoice, levels: 4 | 5): Access =>
  walkAccess(choice, offset => gpaAt(offset, levels)).access;
