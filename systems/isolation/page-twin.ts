import type { Read, Step } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { arrowOf } from '../../machines/arrow.ts';
import { type PageEvent, pageOwnership } from '../../machines/page-ownership.ts';
import { Errno, errnoName, PAGE_SIZE, viewOf } from '../../model/pkvm/index.ts';
import { boxOfClaims, gpaNumber, type PageBox, showBox } from '../pages/page-box.ts';
import { rangesOf, spanAt } from './span.ts';
import { claimsOf } from './view.ts';
import type { VmSlots, World } from './world.ts';

const arrow = arrowOf(pageOwnership);

/** One page that a call is about, and the arrow that the call is for it. */
interface Concerned {
  readonly page: bigint;
  readonly event: PageEvent;
}

/** What the protocol makes of a call: refuses it with this result, or moves these pages. */
type Prediction = Errno | readonly Concerned[];

/** Which pages a call is about and by which arrows, from the state before it and the machine's point of view only. */
function concerned(world: World, { action: { name, args }, before }: Step): Prediction {
  const vm = world.vmSlots.find(({ id }) => id === args.vm);
  const hpa = typeof args.hpa === 'bigint' ? args.hpa : 0n;
  switch (name) {
    case 'init_shadow_vm':
      return [{ page: hpa, event: { type: 'host_donate_hyp' } }];
    case 'finish_teardown':
      return vm === undefined
        ? Errno.EINVAL
        : [{ page: before(vm.structures), event: { type: 'hyp_donate_host' } }];
    case 'host_ept_violation':
      return [];
    default:
      return vm === undefined ? Errno.EINVAL : guestCall(world, vm, name, args, before);
  }
}

function guestCall(
  world: World,
  vm: VmSlots,
  name: string,
  args: Step['action']['args'],
  before: Read,
): Prediction {
  const named = rangesOf(world).find(({ gpa, size }) => gpa === args.gpa && (args.size ?? size) === size);
  if (named === undefined) return Errno.EINVAL;
  const { gpa, bytes } = name === 'invalidate_range' ? spanAt(world, before, vm.id, named) : named;
  const gpas = Array.from({ length: Number(bytes / PAGE_SIZE) }, (_, at) => gpa + BigInt(at) * PAGE_SIZE);
  const leaves = gpas.map(at => viewOf(world.words.leaf(before, vm.id, at)));
  const mapped = gpas.flatMap((at, index) => {
    const leaf = leaves[index];
    return leaf === undefined || !leaf.isPresent ? [] : [{ gpa: gpaNumber(at), page: leaf.page }];
  });
  const hpa = typeof args.hpa === 'bigint' ? args.hpa : 0n;
  switch (name) {
    case 'guest_ept_violation':
    case 'prepopulate':
      return violation(vm, gpas, leaves, hpa);
    case 'guest_share_host':
    case 'guest_unshare_host':
      // an unmapped gpa is about page 0, which is none of ours
      return gpas.map((at, index) => ({
        page: leaves[index]?.page ?? 0n,
        event: { type: name, vm: vm.id, gpa: gpaNumber(at) },
      }));
    case 'host_undonate_guest':
      return gpas.map((at, index) => ({
        page: hpa + BigInt(index) * PAGE_SIZE,
        event: { type: name, vm: vm.id, gpa: gpaNumber(at) },
      }));
    case 'invalidate_range':
      if (vm.kind !== 'normal') return Errno.EPERM;
      return mapped.map(({ page, gpa: at }) => ({
        page,
        event: { type: 'host_unshare_guest', vm: vm.id, gpa: at },
      }));
    case 'teardown_guest_page': {
      const type = vm.kind === 'normal' ? 'host_unshare_guest' : 'host_undonate_guest';
      return mapped.map(({ page, gpa: at }) => ({ page, event: { type, vm: vm.id, gpa: at } }));
    }
    default:
      throw new Error(`${name} is not a call that the protocol knows`);
  }
}

/** A guest's EPT violation: nothing to do where the page is mapped there, refused where another is. */
function violation(
  { id: vm, kind }: VmSlots,
  gpas: readonly bigint[],
  leaves: readonly { readonly isPresent: boolean; readonly page: bigint }[],
  hpa: bigint,
): Prediction {
  const pages = gpas.map((_, at) => hpa + BigInt(at) * PAGE_SIZE);
  if (leaves.every(({ isPresent }) => isPresent))
    return leaves.every(({ page }, at) => page === pages[at]) ? [] : Errno.EPERM;
  const type = kind === 'protected' ? 'host_donate_guest' : 'host_share_guest';
  const vmKind = kind === 'protected' ? 'protected' : 'normal';
  return gpas.map((gpa, at) => ({
    page: pages[at] ?? 0n,
    event: { type, vm, gpa: gpaNumber(gpa), vmKind, gpaIsFree: leaves[at]?.isPresent === false },
  }));
}

/** Where the protocol takes the pages of a call; an errno where one of them has no such arrow. */
function movesOf(
  world: World,
  pages: readonly Concerned[],
  before: Read,
): Errno | ReadonlyMap<bigint, PageBox> | string {
  const next = new Map<bigint, PageBox>();
  for (const { page, event } of pages) {
    // MMIO is nobody's to give: design.md Ownership, "A page outside RAM"; undonate asks for no RAM, only for a mapping
    if (!world.pages.includes(page))
      return event.type === 'host_undonate_guest' ? Errno.EPERM : Errno.EINVAL;
    const status = boxOfClaims(claimsOf(world, before, page));
    if (typeof status === 'string') return status;
    const taken = arrow(status, event);
    if ('refused' in taken) return Errno.EPERM;
    next.set(page, taken.to);
  }
  return next;
}

/** Whether every page is where the protocol takes it. `mayRefuse`: the life of the VM, or a pin, is in the way. */
export function pageDisagreement(world: World, step: Step, mayRefuse: boolean): string | undefined {
  const { before, after, result } = step;
  const predicted = concerned(world, step);
  const moves = typeof predicted === 'number' ? predicted : movesOf(world, predicted, before);
  if (typeof moves === 'number') {
    return result === moves
      ? unmoved(step)
      : `the protocol returns ${errnoName(moves)}, the bits ${errnoName(Number(result))}`;
  }
  if (typeof moves === 'string') return `before the call the bits are in no box: ${moves}`;
  if (result !== 0)
    return mayRefuse ? unmoved(step) : `the protocol does the call, the bits return ${result}`;
  for (const [page, wanted] of moves) {
    const status = boxOfClaims(claimsOf(world, after, page));
    const there = typeof status === 'string' ? status : showBox(status);
    if (there !== showBox(wanted))
      return `${addressHex(page)}: the protocol goes to ${showBox(wanted)}, the bits to ${there}`;
  }
  return undefined;
}

/** A refused call changes nothing at all. */
const unmoved = ({ changed, result }: Step): string | undefined =>
  changed.length === 0
    ? undefined
    : `the call is refused with ${result}, and ${changed.map(({ name }) => name).join(', ')} changed`;
