import type { Read } from '../../checker/index.ts';
import { SpptEntry } from '../../model/ept/spp/index.ts';
import { type Check, Errno } from '../../model/pkvm/index.ts';
import type { Asked } from './checks.ts';
import { type Doing, l2eSlot, pageNamed, pageOf, transitionOf } from './doing.ts';
import type { GuestPage, World } from './world.ts';

/** Why the call is refused: the check that fails, and what it found. */
export interface Refusal {
  readonly errno: Errno;
  readonly why: string;
}
const refusal = (check: Pick<Check, 'errno' | 'name'>, found: string): Refusal => ({
  errno: check.errno,
  why: `${check.name}: ${found}`,
});

function refusedBySppt(doing: Doing): Refusal | undefined {
  const slot = l2eSlot(doing);
  const isThere = slot !== undefined && SpptEntry.get(doing.read(slot), 'table') !== 0n;
  if (doing.call.name === 'spp_enable' && isThere)
    return { errno: Errno.EPERM, why: 'the guest has a page for its vectors already' };
  if (doing.call.name === 'spp_disable' && !isThere)
    return { errno: Errno.EINVAL, why: 'the guest has no page for its vectors' };
  return undefined;
}

/** One guest page as the checks see it, read only where one of them looks. */
function askedOf(world: World, read: Read, page: GuestPage, by: number): Asked {
  const { rules, sppts, size } = world;
  return {
    vm: page.vm,
    by,
    holder: size.holder,
    get leaf() {
      return rules.stateSeen(read(page.leaf));
    },
    get l2e() {
      const sppt = sppts.find(({ vm }) => vm.id === page.vm.id);
      return sppt === undefined ? 0n : read(sppt.l2e);
    },
    get record() {
      return read(page.record);
    },
  };
}

/** All questions of a call, in order; `undefined` where it goes through. */
export function refuse(doing: Doing): Refusal | undefined {
  const { world, call, read } = doing;
  const { rules } = world;
  const transition = transitionOf(doing, 'first');
  const page = pageOf(doing, pageNamed(doing));
  const failed = [...(transition?.request ?? []), ...(transition?.acknowledge ?? [])].find(
    check => !check.holds(page),
  );
  if (failed !== undefined) return refusal(failed, failed.found(page));
  if (call.page === undefined) return refusedBySppt(doing);
  const checks =
    call.name === 'spp_set' ? rules.setChecks : call.name === 'guest_share_host' ? rules.shareChecks : [];
  const asked = askedOf(world, read, call.page, call.by);
  const unmet = checks.find(check => !check.holds(asked));
  return unmet && refusal(unmet, unmet.found(asked));
}
