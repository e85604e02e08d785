/**
 * The states of a page in the code that counts, in the record of a RAM page and in bits 53:52 of a leaf.
 * facts/pkvm-2026.md 1.1, "host_state".
 */
export const CountedState = {
  PKVM_PAGE_NONE: 0,
  PKVM_PAGE_OWNED: 1,
  PKVM_PAGE_SHARED_OWNED: 2,
  PKVM_PAGE_SHARED_BORROWED: 3,
} as const;
export type CountedState = (typeof CountedState)[keyof typeof CountedState];

/** Who owns a page. Which guest is not recorded. facts/pkvm-2026.md 1.1, "owner". */
export const CountedOwner = { PKVM_ID_HOST: 0, PKVM_ID_HYP: 1, PKVM_ID_GUEST: 2 } as const;
export type CountedOwner = (typeof CountedOwner)[keyof typeof CountedOwner];

const stateNames = ['NONE', 'OWNED', 'SHARED_OWNED', 'SHARED_BORROWED'] as const;
const ownerNames = ['HOST', 'HYP', 'GUEST'] as const;

/** `SHARED_OWNED`; the number itself where the record holds one that is no state. */
export const stateName = (state: number): string => stateNames[state] ?? `state ${state}`;
export const ownerName = (owner: number): string => ownerNames[owner] ?? `owner ${owner}`;
