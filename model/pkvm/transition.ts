import type { Word } from '../bits/index.ts';
import { type Check, donateChecks, type PageOfCall, shareChecks, unshareChecks } from './check.ts';
import { PageState, viewOf } from './leaf.ts';
import { donateWrites, shareWrites, type StepWrite, unshareWrites } from './write.ts';

/** Who takes part in a transition: the initiator gives, the completer receives. */
export type Party = 'host' | 'hyp' | 'guest';

/** One verb between two parties, as pKVM's four steps. */
export interface Transition {
  readonly request: readonly Check[];
  readonly acknowledge: readonly Check[];
  readonly initiate: StepWrite | undefined;
  readonly complete: StepWrite | undefined;
  /** Whether the completer maps the page in a guest's table, which may need a page for the table. */
  readonly mapsGuest: boolean;
  /** Whether a page that moves this way is wiped before the completer maps it. */
  wipes(page: PageOfCall<Word>): boolean;
}

const never = (): boolean => false;

/** The initiator gives the page away. A page that a guest had not shared comes back to the host wiped. */
export const donate = (initiator: Party, completer: Party): Transition => ({
  request: donateChecks.request[initiator],
  acknowledge: donateChecks.acknowledge[completer],
  initiate: donateWrites.initiate[initiator],
  complete: donateWrites.complete[completer],
  mapsGuest: completer === 'guest',
  wipes: page =>
    initiator === 'guest' && viewOf(page.guestLeaf()).pageState !== PageState.PKVM_PAGE_SHARED_OWNED,
});

/** The initiator stays owner, the completer borrows. */
export const share = (initiator: Exclude<Party, 'hyp'>, completer: Exclude<Party, 'hyp'>): Transition => ({
  request: shareChecks.request[initiator],
  acknowledge: shareChecks.acknowledge[completer],
  initiate: shareWrites.initiate[initiator],
  complete: shareWrites.complete[completer],
  mapsGuest: completer === 'guest',
  wipes: never,
});

/** The initiator, still owner, takes the loan back from the completer. */
export const unshare = (
  initiator: Exclude<Party, 'hyp'>,
  completer: Exclude<Party, 'hyp'>,
): Transition => ({
  request: unshareChecks.request[initiator],
  acknowledge: unshareChecks.acknowledge[completer],
  initiate: unshareWrites.initiate[initiator],
  complete: unshareWrites.complete[completer],
  mapsGuest: false,
  wipes: never,
});
