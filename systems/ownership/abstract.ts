import type { Read, Slot } from '../../checker/index.ts';
import type { PageContext } from '../../machines/page-ownership.ts';
import { PAGE_SIZE, PageState, viewOf } from '../../model/pkvm/index.ts';

/** A box of seed 004's picture and the guest it names, read off the bits. */
export interface ProtocolState {
  readonly value:
    'init' | 'donated_to_hyp' | 'donated_to_guest' | 'shared_back_to_host' | 'shared_with_guest';
  readonly context: PageContext;
}

/** The one page and the one guest leaf that a call is about. */
export interface Subject {
  readonly page: bigint;
  readonly host: Slot<bigint> | undefined;
  /** Absent in calls between host and hypervisor. */
  readonly guest?: { readonly vm: number; readonly gpa: bigint; readonly slot: Slot<bigint> | undefined };
}

/** Some gpa, or some guest, other than those of the call. */
export const ELSEWHERE = -1;

export const gpaNumber = (gpa: bigint): number => Number(gpa / PAGE_SIZE);

/**
 * The protocol state of a page as this call sees it, or the reason why the bits are in no box of the picture. It
 * looks at the host leaf and at the call's own guest leaf: whoever else may hold the page is `ELSEWHERE`.
 */
export function abstractPage(read: Read, { page, host, guest }: Subject): ProtocolState | string {
  const { pageState: hostState, ownerId } = viewOf(host === undefined ? 0n : read(host));
  const leaf = guest?.slot === undefined ? undefined : viewOf(read(guest.slot));
  const here = leaf !== undefined && leaf.isPresent && leaf.page === page ? leaf.pageState : undefined;
  const thisGuest = { vm: guest?.vm ?? ELSEWHERE, gpa: gpaNumber(guest?.gpa ?? 0n) };
  const elsewhere = { vm: ELSEWHERE, gpa: ELSEWHERE };
  const unpaired = `host leaf in state ${hostState} owner ${ownerId} does not go with guest leaf in state ${here}`;

  switch (hostState) {
    case PageState.PKVM_PAGE_OWNED:
      return here === undefined ? { value: 'init', context: { guest: null } } : unpaired;
    case PageState.PKVM_PAGE_SHARED_OWNED:
      if (here === undefined) return { value: 'shared_with_guest', context: { guest: elsewhere } };
      if (here !== PageState.PKVM_PAGE_SHARED_BORROWED) return unpaired;
      return { value: 'shared_with_guest', context: { guest: thisGuest } };
    case PageState.PKVM_PAGE_SHARED_BORROWED:
      if (here === undefined) return { value: 'shared_back_to_host', context: { guest: elsewhere } };
      if (here !== PageState.PKVM_PAGE_SHARED_OWNED) return unpaired;
      return { value: 'shared_back_to_host', context: { guest: thisGuest } };
    case PageState.PKVM_NOPAGE:
      if (ownerId === 0) {
        return here === undefined ? { value: 'donated_to_hyp', context: { guest: null } } : unpaired;
      }
      if (here === undefined)
        return { value: 'donated_to_guest', context: { guest: { vm: ownerId, gpa: ELSEWHERE } } };
      if (here !== PageState.PKVM_PAGE_OWNED || ownerId !== guest?.vm) return unpaired;
      return { value: 'donated_to_guest', context: { guest: thisGuest } };
  }
}

const boxes = [
  'init',
  'donated_to_hyp',
  'donated_to_guest',
  'shared_back_to_host',
  'shared_with_guest',
] as const;

/** Every box that a page may be in of which all that is known is that the call's own guest leaf does not map it. */
export const boxesElsewhere: readonly ProtocolState[] = boxes.map(value => ({
  value,
  context: { guest: { vm: ELSEWHERE, gpa: ELSEWHERE } },
}));

/** The box by the host leaf alone, with the call's own guest in it wherever the host leaf leaves that open. */
export function boxAtBest(read: Read, { host, guest }: Subject): ProtocolState {
  const { pageState, ownerId } = viewOf(host === undefined ? 0n : read(host));
  const thisGuest = { vm: guest?.vm ?? ELSEWHERE, gpa: gpaNumber(guest?.gpa ?? 0n) };
  switch (pageState) {
    case PageState.PKVM_PAGE_OWNED:
      return { value: 'init', context: { guest: null } };
    case PageState.PKVM_PAGE_SHARED_OWNED:
      return { value: 'shared_with_guest', context: { guest: thisGuest } };
    case PageState.PKVM_PAGE_SHARED_BORROWED:
      return { value: 'shared_back_to_host', context: { guest: thisGuest } };
    case PageState.PKVM_NOPAGE:
      if (ownerId === 0) return { value: 'donated_to_hyp', context: { guest: null } };
      return {
        value: 'donated_to_guest',
        context: { guest: ownerId === guest?.vm ? thisGuest : { vm: ownerId, gpa: ELSEWHERE } },
      };
  }
}
