import { type Access, type AccessKind, guestAccess } from '../../model/ept/index.ts';
import type { EntryRights } from './classes.ts';

/** One access of the system, with what the specification says that it asks for, written down by hand. */
export interface WalkAccess {
  readonly name: string;
  readonly access: Access;
  /** The rights that every entry used must give. */
  readonly asks: readonly (keyof EntryRights)[];
  /** A supervisor shadow-stack access where EPTP bit 7 is 1: W above the leaf, and bit 60 in it. */
  readonly isSupervisorShadowStack: boolean;
  /** Through a linear address, and neither for a guest paging structure nor for a supervisor shadow stack. */
  readonly isOrdinary: boolean;
  readonly subPages: readonly number[];
}

export interface AccessChoice {
  readonly name: string;
  readonly kind: AccessKind;
  readonly asks: readonly (keyof EntryRights)[];
  readonly more?: Partial<Access>;
  readonly subPages?: readonly number[];
  readonly offset?: number;
  readonly isSupervisorShadowStack?: boolean;
}

/** An access to sub-page 5 of the page, unless it says otherwise. */
export function walkAccess(choice: AccessChoice, gpaOfOffset: (offset: number) => bigint): WalkAccess {
  const { name, kind, asks, more = {}, subPages = [5], offset = 0x280 } = choice;
  const isSupervisorShadowStack = choice.isSupervisorShadowStack ?? false;
  const access = guestAccess(kind, gpaOfOffset(offset), {
    gla: 0x7fff_8000_0000n + BigInt(offset),
    ...more,
  });
  return {
    name,
    access,
    asks,
    subPages,
    isSupervisorShadowStack,
    isOrdinary: access.linearValid && !access.pageWalk && !isSupervisorShadowStack,
  };
}

/** Accesses of every kind that an SPPT might be asked about. */
export const everyKind: readonly AccessChoice[] = [
  { name: 'read', kind: 'read', asks: ['read'] },
  { name: 'fetch', kind: 'execute', asks: ['execute'] },
  { name: 'write', kind: 'write', asks: ['write'], more: { size: 8 } },
  {
    name: 'write to sub-page 6',
    kind: 'write',
    asks: ['write'],
    offset: 0x300,
    subPages: [6],
    more: { size: 8 },
  },
  {
    name: 'write across sub-pages 5 and 6',
    kind: 'write',
    asks: ['write'],
    offset: 0x2fc,
    subPages: [5, 6],
    more: { size: 8 },
  },
  {
    name: 'write to the end of the page',
    kind: 'write',
    asks: ['write'],
    offset: 0xffc,
    subPages: [31],
    more: { size: 8 },
  },
  { name: 'read-modify-write', kind: 'rmw', asks: ['write'], more: { userMode: true } },
  {
    name: 'user shadow-stack write',
    kind: 'shadow_stack_write',
    asks: ['write'],
    more: { userMode: true },
  },
  { name: 'guest page walk', kind: 'read', asks: ['read'], more: { pageWalk: true } },
  { name: 'guest A/D update', kind: 'write', asks: ['write'], more: { pageWalk: true } },
  { name: 'PDPTE load', kind: 'read', asks: ['read'], more: { pageWalk: true, linearValid: false } },
  { name: 'write without linear address', kind: 'write', asks: ['write'], more: { linearValid: false } },
];

/** What they ask for is asked of the entries where EPTP bit 7 is 0; where it is 1, bit 60 of the leaf decides. */
export const supervisorShadowStack: readonly AccessChoice[] = [
  {
    name: 'supervisor shadow-stack read',
    kind: 'shadow_stack_read',
    asks: ['read'],
    more: { supervisorShadowStack: true },
    isSupervisorShadowStack: true,
  },
  {
    name: 'supervisor shadow-stack write',
    kind: 'shadow_stack_write',
    asks: ['write'],
    more: { supervisorShadowStack: true },
    isSupervisorShadowStack: true,
  },
];
