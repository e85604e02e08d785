import type { Property, Read } from '../checker/index.ts';
import { addressHex } from '../model/bits/index.ts';
import { annotation, OwnerId, ownerOfSecret, PageState, showLeaf, viewOf } from '../model/pkvm/index.ts';
import { partyName } from './page-claims.ts';
import { all, always, eachStep, recoverable, sometimes } from './sentence.ts';
import { outsideLocks, type SmpView } from './smp-view.ts';
import { design, seed } from '../model/citation.ts';
import { pkvmInvariant } from './origin.ts';

const { PKVM_NOPAGE, PKVM_PAGE_OWNED, PKVM_PAGE_SHARED_OWNED, PKVM_PAGE_SHARED_BORROWED } = PageState;

/** That calls in steps do what calls at once do. */
export function sequentialProperties(view: SmpView): readonly Property[] {
  return [
    always(
      'between calls every word is what the same calls leave when each is made at once, in the order of their turns',
      { source: design('Calls in steps', "every call's effect is one of a sequential order") },
      view.words.map(({ slot, sequential }) => ({
        about: slot.name,
        holds: (read: Read) => {
          if (!view.isAllIdle(read)) return true;
          const table = slot.is?.['table'] === 'host' ? 'host' : 'guest';
          const [is, wanted] = [read(slot), sequential(read)];
          return all([
            [
              is === wanted,
              `it is ${showLeaf(is, table)}, in the sequential order ${showLeaf(wanted, table)}`,
            ],
          ]);
        },
      })),
    ),
    eachStep(
      'a call returns what it returns when each is made at once, in the order of their turns',
      { source: design('Calls in steps', "every call's effect is one of a sequential order") },
      ({ action, result, before, after }) => {
        const found = view.stepOf(action);
        if (found === undefined || !found.isLast(before, after)) return true;
        const wanted = found.expects(before);
        return all([
          [
            wanted === undefined || wanted === result,
            `it returned ${result}, in the sequential order ${wanted}`,
          ],
        ]);
      },
    ),
    eachStep(
      'the owner that a host leaf names changes only by a step of a donation, from the giver to the receiver',
      pkvmInvariant('I18'),
      ({ action, before, after, changed }) => {
        const found = view.stepOf(action);
        if (changed.length === 0 || found === undefined) return true;
        return all(
          view.pages.flatMap(page => {
            const slot = view.hostSlot(page);
            if (slot === undefined || !changed.includes(slot)) return [];
            const [was, is] = [view.hostLeaf(before, page), view.hostLeaf(after, page)];
            return was === is
              ? []
              : [
                  [
                    isArrow(found.operation, found.vm, was, is),
                    `${addressHex(page)} went from ${showLeaf(was, 'host')} to ${showLeaf(is, 'host')} by ${action.name}`,
                  ] as const,
                ];
          }),
        );
      },
    ),
  ];
}

/** What a call may make of a host leaf. */
function isArrow(operation: string, vm: number, was: bigint, is: bigint): boolean {
  const [from, to] = [viewOf(was).pageState, viewOf(is).pageState];
  switch (operation) {
    case 'host_donate_hyp':
      return from === PKVM_PAGE_OWNED && is === annotation(OwnerId.PKVM_ID_HYP);
    case 'hyp_donate_host':
      return was === annotation(OwnerId.PKVM_ID_HYP) && to === PKVM_PAGE_OWNED;
    case 'host_donate_guest':
      return from === PKVM_PAGE_OWNED && is === annotation(vm);
    case 'host_undonate_guest':
      return (was === annotation(vm) || from === PKVM_PAGE_SHARED_BORROWED) && to === PKVM_PAGE_OWNED;
    case 'host_share_guest':
      return from === PKVM_PAGE_OWNED && to === PKVM_PAGE_SHARED_OWNED;
    case 'host_unshare_guest':
      return from === PKVM_PAGE_SHARED_OWNED && to === PKVM_PAGE_OWNED;
    case 'guest_share_host':
      return was === annotation(vm) && to === PKVM_PAGE_SHARED_BORROWED;
    case 'guest_unshare_host':
      return from === PKVM_PAGE_SHARED_BORROWED && is === annotation(vm);
    default:
      return false;
  }
}

/** Ownership outside the locks, and who reaches what at every instant. */
export function instantProperties(view: SmpView): readonly Property[] {
  const isLent = (read: Read, page: bigint): boolean =>
    viewOf(view.hostLeaf(read, page)).pageState >= PKVM_PAGE_SHARED_OWNED || view.isLentByGuest(read, page);
  return [
    ...view.ownership.flatMap(property =>
      property.kind === 'always' && ['I1', 'I2', 'I3', 'I4'].includes(property.id ?? '')
        ? [
            {
              ...property,
              name: `outside the locks, ${property.name}`,
              instances: property.instances.map(instance => outsideLocks(view, instance)),
            },
          ]
        : [],
    ),
    ...(view.hasTranslations ? [reach(view, isLent), quietReach(view)] : []),
    ...(view.hasContents ? [secrecy(view)] : []),
    ...(view.memcaches.length > 0 ? [memcache(view)] : []),
  ];
}

const reach = (view: SmpView, isLent: (read: Read, page: bigint) => boolean): Property =>
  always(
    'at every instant two parties reach a page only while it is lent, or its loan is being recalled under the locks',
    pkvmInvariant('I8'),
    view.pages.map(page => ({
      about: `page ${addressHex(page)}`,
      holds: (read: Read) => {
        const readers = view.readers(read, page);
        const isAlone = readers.length <= 1;
        return all([
          [
            isAlone || isLent(read, page) || view.isRecalled(read, page),
            `${readers.map(partyName).join(' and ')} reach it, and nobody lends it`,
          ],
        ]);
      },
    })),
  );

const quietReach = (view: SmpView): Property =>
  always(
    'outside the locks a page that the host does not map is reached for its recorded owner alone',
    pkvmInvariant('I8'),
    view.pages.map(page =>
      outsideLocks(view, {
        about: `page ${addressHex(page)}`,
        holds: (read: Read) => {
          const { pageState, ownerId } = viewOf(view.hostLeaf(read, page));
          if (pageState !== PKVM_NOPAGE) return true;
          const others = view.readers(read, page).filter(reader => reader !== ownerId);
          return all([
            [
              others.length === 0,
              `${others.map(partyName).join(' and ')} reach it, it is ${partyName(ownerId)}'s`,
            ],
          ]);
        },
      }),
    ),
  );

const secrecy = (view: SmpView): Property =>
  always(
    'at every instant the host reaches no secret of a guest',
    pkvmInvariant('I9'),
    view.pages.map(page => ({
      about: `page ${addressHex(page)}`,
      holds: (read: Read) => {
        const contents = view.contents(read, page);
        if (ownerOfSecret(contents) === undefined) return true;
        const reaches = view.readers(read, page).includes(OwnerId.PKVM_ID_HOST);
        return all([[!reaches, `the host reaches it, and it holds ${contents}`]]);
      },
    })),
  );

const memcache = (view: SmpView): Property =>
  always(
    'what the hypervisor keeps in a memcache is a page of its own',
    pkvmInvariant('I7'),
    view.memcaches.map(({ about, page }) => ({
      about,
      holds: (read: Read) => {
        const kept = page(read);
        if (kept === 0n) return true;
        const leaf = view.hostLeaf(read, kept);
        return all([
          [
            leaf === annotation(OwnerId.PKVM_ID_HYP),
            `it holds ${addressHex(kept)}, of which the host EPT says ${showLeaf(leaf, 'host')}`,
          ],
        ]);
      },
    })),
  );

/** The states without which the sentences about calls in steps would be true of nothing. */
export function smpPremises(view: SmpView): readonly Property[] {
  const [first, second] = view.cpus;
  const some = (holds: (read: Read) => boolean) => [{ about: '', holds }];
  return [
    ...(first === undefined || second === undefined
      ? []
      : [
          sometimes(
            'two CPUs are in the middle of calls',
            { source: design('Calls in steps', 'take steps in any order') },
            some(read => !view.isIdle(read, first) && !view.isIdle(read, second)),
          ),
          sometimes(
            'a CPU waits for a lock that another holds',
            pkvmInvariant('I16'),
            view.cpus.map(cpu => ({
              about: `cpu${cpu}`,
              holds: (read: Read) => view.waitsFor(read, cpu) !== undefined,
            })),
          ),
        ]),
    ...(view.hasTranslations
      ? [
          sometimes(
            'two parties reach a page',
            pkvmInvariant('I8'),
            view.pages.map(page => ({
              about: `page ${addressHex(page)}`,
              holds: (read: Read) => view.readers(read, page).length > 1,
            })),
          ),
        ]
      : []),
    recoverable(
      'every call ends, and the host can get every page back',
      { source: seed('004', 'before undonate back to host') },
      [
        ...view.cpus.map(cpu => ({ about: `cpu${cpu}`, holds: (read: Read) => view.isIdle(read, cpu) })),
        ...view.pages.map(page => ({
          about: `page ${addressHex(page)}`,
          holds: (read: Read) => viewOf(view.hostLeaf(read, page)).pageState !== PKVM_NOPAGE,
        })),
      ],
    ),
  ];
}
