import type { Word } from '../bits/index.ts';
import { isAnnotationOf, type LeafView, mapsPage, PageState, showLeaf, viewOf } from './leaf.ts';
import { Errno } from './result.ts';
import { design, seed, type Source } from '../citation.ts';

/** One page of a call, with the leaves that a check may look at. Reading is lazy: a check reads what it needs. */
export interface PageOfCall<W extends Word = bigint> {
  /** The host-physical page that the call names or, for a guest's own call, that its leaf maps. */
  readonly hpa: bigint;
  readonly gpa: bigint;
  /** The guest's owner id; 0 in calls between host and hypervisor. */
  readonly vm: number;
  hostLeaf(): W;
  guestLeaf(): W;
}

/** One question asked of one page before anything is written. Left out, it is a mutant of its own. */
export interface Check<N extends string = string> {
  /** `verb.step.party.what`, the name by which rules and mutants are known. */
  readonly name: N;
  readonly errno: Errno;
  /** What must be true, as a sentence. */
  readonly rule: string;
  readonly source: Source;
  holds(page: PageOfCall<Word>): boolean;
  /** What was found instead. */
  found(page: PageOfCall<Word>): string;
}

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;
const hex = (value: bigint): string => `0x${value.toString(16)}`;
const hostFound = ({ hpa, hostLeaf }: PageOfCall<Word>): string =>
  `host leaf of ${hex(hpa)} is ${showLeaf(hostLeaf(), 'host')}`;
const guestFound = ({ vm, gpa, guestLeaf }: PageOfCall<Word>): string =>
  `guest ${vm} leaf of ${hex(gpa)} is ${showLeaf(guestLeaf(), 'guest')}`;

type Question = Omit<Check, 'name' | 'found' | 'errno'> & { errno?: Errno };
const askHost = <N extends string>(name: N, question: Question): Check<N> => ({
  errno: Errno.EPERM,
  ...question,
  name,
  found: hostFound,
});
const askGuest = <N extends string>(name: N, question: Question): Check<N> => ({
  errno: Errno.EPERM,
  ...question,
  name,
  found: guestFound,
});

const hostState = (page: PageOfCall<Word>): PageState => viewOf(page.hostLeaf()).pageState;
const guestView = (page: PageOfCall<Word>): LeafView => viewOf(page.guestLeaf());

/** The host maps the page, and in this state: bits 57:56 of a leaf that maps nothing or another page say nothing. */
const isHostMapped = (page: PageOfCall<Word>, state: PageState): boolean =>
  hostState(page) === state && mapsPage(page.hostLeaf(), page.hpa);

/** A leaf that maps nothing and says so: bits 57:56 of a present one do not make it free. */
const isNoPage = ({ pageState, isPresent }: LeafView): boolean => pageState === PKVM_NOPAGE && !isPresent;
const isHostFree = (page: PageOfCall<Word>): boolean => isNoPage(viewOf(page.hostLeaf()));
const isGuestFree = (page: PageOfCall<Word>): boolean => isNoPage(guestView(page));

const initially = seed('004', 'all pages except pKVM owned ones are owned by host VM');
const ownerRecorded = seed('004', 'meantime the guestA is recorded as owner_id');
const returned = seed('004', 'this page can also be returned back to host directly');

/** The checks of `donate`: initiator gives the page away, completer becomes its owner. */
export const donateChecks = {
  request: {
    host: [
      askHost('donate.request.host.state', {
        rule: 'the host owns the page exclusively (OWNED)',
        source: initially,
        holds: page => isHostMapped(page, PKVM_PAGE_OWNED),
      }),
    ],
    hyp: [
      askHost('donate.request.hyp.state', {
        rule: 'the host maps nothing there (NOPAGE)',
        source: seed('004', 'its page state is marked as PKVM_NOPAGE'),
        holds: isHostFree,
      }),
      askHost('donate.request.hyp.owner', {
        rule: 'the recorded owner is the hypervisor, id 0',
        source: seed('004', '0: PKVM_ID_HYP'),
        holds: page => isAnnotationOf(page.hostLeaf(), 0),
      }),
    ],
    guest: [
      askGuest('donate.request.guest.state', {
        rule: 'the guest owns the page (OWNED or SHARED_OWNED)',
        source: returned,
        holds: page =>
          [PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED].some(state => state === guestView(page).pageState),
      }),
      askGuest('donate.request.guest.page', {
        rule: 'the guest maps the named page at that gpa',
        source: design('Ownership', 'undonate and unshare name the page that is really mapped there'),
        holds: page => mapsPage(page.guestLeaf(), page.hpa),
      }),
    ],
  },
  acknowledge: {
    host: [
      askHost('donate.acknowledge.host.state', {
        rule: 'the host leaf is NOPAGE, or SHARED_BORROWED where the guest had shared the page',
        source: returned,
        holds: page => {
          if (page.vm === 0) return isHostFree(page);
          const shared = guestView(page).pageState === PKVM_PAGE_SHARED_OWNED;
          return shared ? isHostMapped(page, PKVM_PAGE_SHARED_BORROWED) : isHostFree(page);
        },
      }),
      askHost('donate.acknowledge.host.owner', {
        rule: 'where the host leaf records an owner, it is the giver',
        source: ownerRecorded,
        holds: page => hostState(page) !== PKVM_NOPAGE || isAnnotationOf(page.hostLeaf(), page.vm),
      }),
    ],
    hyp: [],
    guest: [
      askGuest('donate.acknowledge.guest.free', {
        rule: 'the guest has nothing mapped at that gpa (NOPAGE)',
        source: seed('004', 'there is no page mapped in guest shadow EPT'),
        holds: isGuestFree,
      }),
    ],
  },
} as const;

/** The checks of `share`: initiator stays owner, completer borrows. */
export const shareChecks = {
  request: {
    host: [
      askHost('share.request.host.state', {
        rule: 'the host owns the page exclusively (OWNED)',
        source: seed('004', 'it cannot be donated or shared to other guests before unshare back to host'),
        holds: page => isHostMapped(page, PKVM_PAGE_OWNED),
      }),
    ],
    guest: [
      askGuest('share.request.guest.mapped', {
        errno: Errno.EINVAL,
        rule: 'the guest has mapped that gpa',
        source: design('Ownership', 'A gpa that the guest has not mapped is -EINVAL for guest calls'),
        holds: page => guestView(page).isPresent,
      }),
      askGuest('share.request.guest.state', {
        rule: 'the guest owns the page exclusively (OWNED)',
        source: seed('004', 'a page can be shared back to host VM after donated to this guest'),
        holds: page => guestView(page).pageState === PKVM_PAGE_OWNED,
      }),
    ],
  },
  acknowledge: {
    guest: [
      askGuest('share.acknowledge.guest.free', {
        rule: 'the guest has nothing mapped at that gpa (NOPAGE)',
        source: seed('004', 'there is no page mapped in guest shadow EPT'),
        holds: isGuestFree,
      }),
    ],
    host: [
      askHost('share.acknowledge.host.state', {
        rule: 'the host maps nothing there (NOPAGE)',
        source: seed('004', 'in host EPT, the mapping of corresponding page table entry is setup again'),
        holds: isHostFree,
      }),
      askHost('share.acknowledge.host.owner', {
        rule: 'the recorded owner is this guest',
        source: ownerRecorded,
        holds: page => isAnnotationOf(page.hostLeaf(), page.vm),
      }),
    ],
  },
} as const;

/** The checks of `unshare`: the owner takes the loan back. */
export const unshareChecks = {
  request: {
    host: [
      askHost('unshare.request.host.state', {
        rule: 'the host owns the page and shares it (SHARED_OWNED)',
        source: seed('004', 'its page state is marked as PKVM_PAGE_SHARED_OWNED'),
        holds: page => isHostMapped(page, PKVM_PAGE_SHARED_OWNED),
      }),
    ],
    guest: [
      askGuest('unshare.request.guest.mapped', {
        errno: Errno.EINVAL,
        rule: 'the guest has mapped that gpa',
        source: design('Ownership', 'A gpa that the guest has not mapped is -EINVAL for guest calls'),
        holds: page => guestView(page).isPresent,
      }),
      askGuest('unshare.request.guest.state', {
        rule: 'the guest owns the page and shares it (SHARED_OWNED)',
        source: seed('004', 'guestA is allowed to unshare it'),
        holds: page => guestView(page).pageState === PKVM_PAGE_SHARED_OWNED,
      }),
    ],
  },
  acknowledge: {
    guest: [
      askGuest('unshare.acknowledge.guest.state', {
        rule: 'the guest borrows the page (SHARED_BORROWED)',
        source: seed('004', 'its page state is marked as PKVM_PAGE_SHARED_BORROWED'),
        holds: page => guestView(page).pageState === PKVM_PAGE_SHARED_BORROWED,
      }),
      askGuest('unshare.acknowledge.guest.page', {
        rule: 'the guest maps the named page at that gpa',
        source: design('Ownership', 'undonate and unshare name the page that is really mapped there'),
        holds: page => mapsPage(page.guestLeaf(), page.hpa),
      }),
    ],
    host: [
      askHost('unshare.acknowledge.host.state', {
        rule: 'the host borrows the page (SHARED_BORROWED)',
        source: seed('004', 'its page state is marked as PKVM_PAGE_SHARED_BORROWED'),
        holds: page => isHostMapped(page, PKVM_PAGE_SHARED_BORROWED),
      }),
    ],
  },
} as const;

/** Every check of a leaf, in the order of the verbs. */
export const leafChecks = [
  ...Object.values(donateChecks.request).flat(),
  ...Object.values(donateChecks.acknowledge).flat(),
  ...Object.values(shareChecks.request).flat(),
  ...Object.values(shareChecks.acknowledge).flat(),
  ...Object.values(unshareChecks.request).flat(),
  ...Object.values(unshareChecks.acknowledge).flat(),
] as const;
export type LeafCheckName = (typeof leafChecks)[number]['name'];
