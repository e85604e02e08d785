import type { Instance, Read, Sometimes } from '../checker/index.ts';
import { PageState, viewOf } from '../model/pkvm/index.ts';
import type { OwnershipSlots } from './ownership-slots.ts';
import type { PageClaims } from './page-claims.ts';
import { sometimes } from './sentence.ts';
import { facts, seed } from '../model/citation.ts';

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;
const hex = (value: bigint): string => `0x${value.toString(16)}`;

/**
 * States that must be reached, so that the sentences about ownership are not true of nothing. Those that need a guest
 * of a kind, or two pages, are asked for only where the profile has them.
 */
export function ownershipWitnesses(
  slots: OwnershipSlots,
  ofPages: (holds: (claims: PageClaims) => boolean) => readonly Instance[],
): readonly Sometimes[] {
  const has = (kind: 'protected' | 'normal'): boolean => slots.vms.some(vm => vm.kind === kind);
  const hyp = sometimes(
    'the hypervisor owns a page that the host gave it',
    { source: seed('004', 'help to donate/undonate shadow VM/VCPU structure from host to pKVM') },
    ofPages(({ hostState, ownerId }) => hostState === PKVM_NOPAGE && ownerId === 0),
  );
  const guestOwns = sometimes(
    'a guest owns a page that the host no longer maps',
    {
      source: seed(
        '004',
        'the mapping of corresponding page table entry (host_gpa to hpa(== host_gpa)) is removed',
      ),
    },
    ofPages(
      ({ hostState, guests }) =>
        hostState === PKVM_NOPAGE && guests.some(({ pageState }) => pageState === PKVM_PAGE_OWNED),
    ),
  );
  const guestShares = sometimes(
    'a guest owns a page that the host still maps',
    { source: seed('004', 'a page can be shared back to host VM after donated to this guest') },
    ofPages(
      ({ hostState, guests }) =>
        hostState === PKVM_PAGE_SHARED_BORROWED &&
        guests.some(({ pageState }) => pageState === PKVM_PAGE_SHARED_OWNED),
    ),
  );
  const guestBorrows = sometimes(
    'a guest borrows a page of the host',
    { source: seed('004', 'both host VM and guestB can access this page') },
    ofPages(({ hostState }) => hostState === PKVM_PAGE_SHARED_OWNED),
  );
  const two = sometimes(
    'two guest leaves map something at once',
    { source: facts.pkvm('4', 'I4') },
    pairsOf(slots),
  );
  return [
    hyp,
    ...(has('protected') ? [guestOwns, guestShares] : []),
    ...(has('normal') ? [guestBorrows] : []),
    ...(slots.host.filter(({ isRam }) => isRam).length > 1 && slots.guest.length > 1 ? [two] : []),
  ];
}

const isMapped = (leaf: bigint): boolean => viewOf(leaf).isPresent;

/** Each two guest leaves that may map different pages. */
function pairsOf({ guest }: OwnershipSlots): Instance[] {
  return guest.flatMap((first, at) =>
    guest
      .slice(at + 1)
      .filter(({ onlyPage }) => onlyPage === undefined || onlyPage !== first.onlyPage)
      .map(second => ({
        about: `guest ${first.vm} ${hex(first.gpa)}, guest ${second.vm} ${hex(second.gpa)}`,
        holds: (read: Read) => read(first.slot, isMapped) && read(second.slot, isMapped),
      })),
  );
}
