import type { Read, Slot } from '../../checker/index.ts';
import type { MachineState } from '../../machines/arrow.ts';
import type { pageOwnership } from '../../machines/page-ownership.ts';
import { PAGE_SIZE, PageState, viewOf } from '../../model/pkvm/index.ts';
import type { PlacedClaims } from '../../properties/isolation-view.ts';

/** A box of seed 004's picture and the guest that it names. */
export type PageBox = MachineState<typeof pageOwnership>;

/** The one page and the one guest leaf that a call is about. */
export interface Subject {
  readonly page: bigint;
  readonly host: Slot<bigint> | undefined;
  /** Absent in calls between host and hypervisor. */
  readonly guest?: { readonly vm: number; readonly gpa: bigint; readonly slot: Slot<bigint> | undefined };
}

/** Some gpa, or some guest, other than those of the call. */
const ELSEWHERE = -1;

export const gpaNumber = (gpa: bigint): number => Number(gpa / PAGE_SIZE);

/** What the host leaf alone says: the box, and of the guest leaf that goes with it whose it is and its state. */
interface HostView {
  readonly value: PageBox['value'];
  /** `undefined` where no guest leaf goes with it. */
  readonly leaf?: { readonly vm: number; readonly pageState: PageState };
}

function hostView(read: Read, { host }: Subject): HostView {
  const { pageState, ownerId } = viewOf(host === undefined ? 0n : read(host));
  switch (pageState) {
    case PageState.PKVM_PAGE_OWNED:
      return { value: 'init' };
    case PageState.PKVM_PAGE_SHARED_OWNED:
      return {
        value: 'shared_with_guest',
        leaf: { vm: ELSEWHERE, pageState: PageState.PKVM_PAGE_SHARED_BORROWED },
      };
    case PageState.PKVM_PAGE_SHARED_BORROWED:
      return {
        value: 'shared_back_to_host',
        leaf: { vm: ELSEWHERE, pageState: PageState.PKVM_PAGE_SHARED_OWNED },
      };
    case PageState.PKVM_NOPAGE:
      if (ownerId === 0) return { value: 'donated_to_hyp' };
      return { value: 'donated_to_guest', leaf: { vm: ownerId, pageState: PageState.PKVM_PAGE_OWNED } };
  }
}

/** Whether the leaf that the host leaf speaks of may be the call's own. */
const mayBeOurs = ({ leaf }: HostView, { guest }: Subject): boolean =>
  leaf !== undefined && (leaf.vm === ELSEWHERE || leaf.vm === guest?.vm);

const ours = ({ value }: HostView, { guest }: Subject): PageBox => ({
  value,
  context: { guest: { vm: guest?.vm ?? ELSEWHERE, gpa: gpaNumber(guest?.gpa ?? 0n) } },
});

const notOurs = ({ value, leaf }: HostView): PageBox => ({
  value,
  context: { guest: leaf === undefined ? null : { vm: leaf.vm, gpa: ELSEWHERE } },
});

/**
 * The protocol state of a page as this call sees it, or the reason why the bits are in no box of the picture. It
 * looks at the host leaf and at the call's own guest leaf: whoever else may hold the page is `ELSEWHERE`.
 */
export function abstractPage(read: Read, subject: Subject): PageBox | string {
  const view = hostView(read, subject);
  const slot = subject.guest?.slot;
  const leaf = slot === undefined ? undefined : viewOf(read(slot));
  if (leaf?.isPresent !== true || leaf.page !== subject.page) return notOurs(view);
  if (leaf.pageState === view.leaf?.pageState && mayBeOurs(view, subject)) return ours(view, subject);
  const { pageState, ownerId } = viewOf(subject.host === undefined ? 0n : read(subject.host));
  return `host leaf in state ${pageState} owner ${ownerId} does not go with guest leaf in state ${leaf.pageState}`;
}

/** The box by the host leaf alone, with the call's own guest in it wherever the host leaf leaves that open. */
export function boxAtBest(read: Read, subject: Subject): PageBox {
  const view = hostView(read, subject);
  return mayBeOurs(view, subject) ? ours(view, subject) : notOurs(view);
}

const boxes = [
  'init',
  'donated_to_hyp',
  'donated_to_guest',
  'shared_back_to_host',
  'shared_with_guest',
] as const;

/** Every box that a page may be in of which all that is known is that the call's own guest leaf does not map it. */
export const boxesElsewhere: readonly PageBox[] = boxes.map(value => ({
  value,
  context: { guest: { vm: ELSEWHERE, gpa: ELSEWHERE } },
}));

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

/** Which box a page is in, read off all tables; a sentence where it is in none. */
export function boxOfClaims({ hostState, ownerId, guests }: PlacedClaims): PageBox | string {
  const [guest] = guests;
  const held = guests.length === 1 ? guest?.pageState : undefined;
  const context: PageBox['context'] = {
    guest: guest === undefined ? null : { vm: guest.vm, gpa: gpaNumber(guest.gpa) },
  };
  const isFree = guests.length === 0;
  if (hostState === PKVM_PAGE_OWNED && isFree) return { value: 'init', context };
  if (hostState === PKVM_NOPAGE && ownerId === 0 && isFree) return { value: 'donated_to_hyp', context };
  if (hostState === PKVM_NOPAGE && ownerId === guest?.vm && held === PKVM_PAGE_OWNED)
    return { value: 'donated_to_guest', context };
  if (hostState === PKVM_PAGE_SHARED_BORROWED && held === PKVM_PAGE_SHARED_OWNED)
    return { value: 'shared_back_to_host', context };
  if (hostState === PKVM_PAGE_SHARED_OWNED && held === PKVM_PAGE_SHARED_BORROWED)
    return { value: 'shared_with_guest', context };
  return `host state ${hostState} owner ${ownerId} does not go with ${guests.length} guest leaves`;
}

/** A box for a person: `donated_to_guest (guest 2, gpa page 16)`. */
export const showBox = ({ value, context: { guest } }: PageBox): string =>
  guest === null ? value : `${value} (guest ${guest.vm}, gpa page ${guest.gpa})`;
