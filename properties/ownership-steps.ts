import type { Property, Read, Slot, Step } from '../checker/index.ts';
import { OwnerId, PageState, PkvmLeaf, viewOf } from '../model/pkvm/index.ts';
import type { OwnershipSlots } from './ownership-slots.ts';
import { all, eachStep } from './sentence.ts';
import { pkvmInvariant } from './origin.ts';

/** The rights of a leaf as a call writes them: `rwx`, `r-x`. */
function granted(leaf: bigint): string {
  const { read, write, execute } = PkvmLeaf.decode(leaf);
  return `${read ? 'r' : '-'}${write ? 'w' : '-'}${execute ? 'x' : '-'}`;
}

/** The four results that the API has. */
const results = [0, -1, -12, -22];

/** What must be true of every call: of the words before, the result and the words after. */
export function ownershipStepProperties(slots: OwnershipSlots): readonly Property[] {
  const owners = ownerReader(slots);
  const guestSlots = new Set<Slot>(slots.guest.map(({ slot }) => slot));

  return [
    eachStep('a call that fails changes nothing', pkvmInvariant('I10'), ({ result, changed }) =>
      all([
        [
          result === 0 || changed.length === 0,
          `result ${result}, and ${changed.map(({ name }) => name).join(', ')} changed`,
        ],
      ]),
    ),
    eachStep('a call returns 0, -EPERM, -EINVAL or -ENOMEM', pkvmInvariant('I10'), ({ result }) =>
      all([[results.includes(Number(result)), `result ${result}`]]),
    ),
    eachStep(
      'a lender keeps its own rights, and whoever receives a page gets what was granted',
      pkvmInvariant('I13'),
      ({ action, changed, before, after }) =>
        all(
          changed
            .filter(slot => guestSlots.has(slot))
            .flatMap(slot => {
              const [old, now] = [BigInt(before(slot)), BigInt(after(slot))];
              if (!viewOf(now).isPresent) return [];
              const wanted = viewOf(old).isPresent ? granted(old) : String(action.args.prot ?? 'rwx');
              return [
                [granted(now) === wanted, `${slot.name} grants ${granted(now)}, not ${wanted}`] as const,
              ];
            }),
        ),
    ),
    eachStep(
      'the owner of a page changes only by a donation that names it, from the giver to the receiver',
      pkvmInvariant('I18'),
      step => all(owners.changedBy(step).flatMap(change => donationConjuncts(step, change))),
    ),
  ];
}

interface OwnerChange {
  readonly page: bigint;
  readonly from: number;
  readonly to: number;
}

function donationConjuncts(
  { action, result }: Step,
  { page, from, to }: OwnerChange,
): (readonly [boolean, string])[] {
  const donation = donationOf(action.name, Number(action.args.vm ?? 0));
  const where = `page 0x${page.toString(16)} went from owner ${from} to ${to}`;
  return [
    [result === 0 && donation !== undefined, `${where} by ${action.name}, result ${result}`],
    [donation?.giver === from, `${where}, but the giver is ${donation?.giver}`],
    [donation?.receiver === to, `${where}, but the receiver is ${donation?.receiver}`],
    [namesPage(action.args, page), `${where}, but the call does not name it`],
  ];
}

/** Somebody whom this call does not name. */
const SOMEONE_ELSE = -1;

/**
 * Who owns a page by the host leaf and the one guest leaf that the call names. That the other leaves agree is said
 * by the properties of states (I1 to I4); looking at all of them here too would only make every step read everything.
 */
function ownerReader(slots: OwnershipSlots): { changedBy(step: Step): OwnerChange[] } {
  const guestSlot = new Map(slots.guest.map(({ vm, gpa, slot }) => [`${vm} ${gpa}`, slot]));

  const ownerOf = (read: Read, host: Slot<bigint>, page: bigint, { args }: Step['action']): number => {
    const { pageState, ownerId } = viewOf(read(host));
    if (pageState === PageState.PKVM_NOPAGE) return ownerId;
    if (pageState !== PageState.PKVM_PAGE_SHARED_BORROWED) return OwnerId.PKVM_ID_HOST;
    const first = typeof args.gpa === 'bigint' ? args.gpa : 0n;
    const offset = typeof args.hpa === 'bigint' ? page - args.hpa : undefined;
    const gpas = offset === undefined ? pagesFrom(first, args.size) : [first + offset];
    const lends = gpas.some(gpa => {
      const slot = guestSlot.get(`${args.vm} ${gpa}`);
      if (slot === undefined) return false;
      const leaf = viewOf(read(slot));
      return leaf.page === page && leaf.pageState === PageState.PKVM_PAGE_SHARED_OWNED;
    });
    return lends ? Number(args.vm) : SOMEONE_ELSE;
  };

  return {
    changedBy: ({ action, changed, before, after }) => {
      const changedSlots = new Set<Slot>(changed);
      return slots.host
        .filter(({ slot }) => changedSlots.has(slot))
        .map(({ page, slot }) => ({
          page,
          from: ownerOf(before, slot, page, action),
          to: ownerOf(after, slot, page, action),
        }))
        .filter(({ from, to }) => from !== to);
    },
  };
}

function pagesFrom(first: bigint, size: unknown): bigint[] {
  const count = typeof size === 'bigint' ? Number(size / 4096n) : 0;
  return Array.from({ length: count }, (_, at) => first + BigInt(at) * 4096n);
}

/** Who gives and who receives, as owner ids, in the calls that move ownership. */
function donationOf(name: string, vm: number): { giver: number; receiver: number } | undefined {
  switch (name) {
    case 'host_donate_hyp':
      return { giver: OwnerId.PKVM_ID_HOST, receiver: OwnerId.PKVM_ID_HYP };
    case 'hyp_donate_host':
      return { giver: OwnerId.PKVM_ID_HYP, receiver: OwnerId.PKVM_ID_HOST };
    case 'host_donate_guest':
      return { giver: OwnerId.PKVM_ID_HOST, receiver: vm };
    case 'host_undonate_guest':
      return { giver: vm, receiver: OwnerId.PKVM_ID_HOST };
    default:
      return undefined;
  }
}

function namesPage({ hpa, size }: Step['action']['args'], page: bigint): boolean {
  if (typeof hpa !== 'bigint' || typeof size !== 'bigint') return false;
  return page >= hpa && page < hpa + size;
}
