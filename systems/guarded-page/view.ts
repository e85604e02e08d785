import type { Action, Read } from '../../checker/index.ts';
import { SpptEntry } from '../../model/ept/spp/index.ts';
import { FULL_VECTOR } from '../../model/kvm/index.ts';
import { NEVER_MAPPED } from '../../model/pkvm/index.ts';
import type { Given, GuardedView, GuestPageView } from '../../properties/guarded-page/view.ts';
import type { WriteOf } from './accesses.ts';
import type { GuardCall } from './calls.ts';
import { holderOf } from './checks.ts';
import { FREE, holderOfLock, pageOfLock } from './lock.ts';
import { givenWord, type StepOf } from './steps.ts';
import { reached } from './walk.ts';
import { type GuestPage, hostWord, type World } from './world.ts';

/** What a page will have been given once the call that holds the lock is done. */
function comingOf(world: World, call: GuardCall | undefined, read: Read, page: GuestPage): Given {
  const now: Given = { leaf: read(page.given), vector: read(page.asked) };
  if (call === undefined || call.vm !== page.vm.id) return now;
  if (call.name === 'spp_disable') return { ...now, vector: FULL_VECTOR };
  if (call.page !== page || call.name === 'spp_enable') return now;
  if (call.name === 'spp_set') return { ...now, vector: call.vector ?? FULL_VECTOR };
  const leaf = givenWord({ world, call, read }, page, call.name);
  return leaf === NEVER_MAPPED ? { leaf, vector: FULL_VECTOR } : { ...now, leaf };
}

/** The system as its sentences see it. */
export function viewOfWorld(
  world: World,
  calls: readonly GuardCall[],
  steps: ReadonlyMap<Action, StepOf>,
  writes: ReadonlyMap<Action, WriteOf>,
): GuardedView {
  const { size, rules } = world;
  const byText = new Map(calls.map(call => [call.text, call]));
  const callIn = (read: Read): GuardCall | undefined =>
    byText.get(holderOfLock(read(world.lock))?.call ?? '');
  const isWalked = (page: GuestPage) => (read: Read) => {
    const sppt = world.sppts.find(({ vm }) => vm.id === page.vm.id);
    return sppt !== undefined && SpptEntry.get(read(sppt.l2e), 'valid');
  };
  const views = new Map<GuestPage, GuestPageView>(
    world.guestPages.map(page => [
      page,
      {
        about: page.leaf.name,
        slot: page.leaf,
        vm: page.vm,
        gpa: page.gpa,
        leaf: read => read(page.leaf),
        record: read => read(page.record),
        l1e: read => read(page.l1e),
        isWalked: isWalked(page),
        given: read => ({ leaf: read(page.given), vector: read(page.asked) }),
        coming: read => comingOf(world, callIn(read), read, page),
      },
    ]),
  );
  const viewOfPage = (page: GuestPage): GuestPageView[] => {
    const found = views.get(page);
    return found === undefined ? [] : [found];
  };
  return {
    pages: world.pages,
    guestPages: [...views.values()],
    ways: world.cachedPages.flatMap(cached =>
      viewOfPage(cached.page).map(guestPage => ({
        about: cached.leaf.name,
        guestPage,
        reaches: read => reached(read, cached),
      })),
    ),
    hostLeaf: (read, page) => hostWord(world, read, page),
    isQuiet: read => read(world.lock) === FREE,
    recalled: read =>
      callIn(read)?.name === 'host_unshare_guest' ? pageOfLock(read(world.lock)) : undefined,
    spptPage: (read, vm) => {
      const call = callIn(read);
      const isMoving = call?.vm === vm && (call.name === 'spp_enable' || call.name === 'spp_disable');
      const sppt = world.sppts.find(known => known.vm.id === vm);
      if (isMoving) return pageOfLock(read(world.lock));
      return sppt === undefined ? 0n : SpptEntry.get(read(sppt.l2e), 'table');
    },
    sppts: [...world.sppts, ...world.cachedTables].map(({ l2e }) => ({
      about: l2e.name,
      page: read => SpptEntry.get(read(l2e), 'table'),
    })),
    hasDonatedSppt: size.sppt === 'donated',
    verifiesGuestPaging: rules.verifiesGuestPaging,
    canGuard: size.normal > 0 || (size.protected > 0 && size.holder !== 'nobody'),
    lendsReadOnly: size.prots > 1,
    writeOf: action => {
      const write = writes.get(action);
      const guestPage = write === undefined ? undefined : views.get(write.cached.page);
      return write === undefined || guestPage === undefined ? undefined : { ...write, guestPage };
    },
    setBy: action => {
      const call = steps.get(action)?.call;
      const guestPage = call?.page === undefined ? undefined : views.get(call.page);
      if (call?.name !== 'spp_set' || call.page === undefined || guestPage === undefined) return undefined;
      return { guestPage, by: call.by, holder: holderOf(call.page.vm, size.holder) };
    },
    isMiss: action => action.name === 'spp_miss',
  };
}
