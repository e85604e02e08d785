import type { Instance, Property, Read } from '../checker/index.ts';
import { EptMemoryType } from '../model/ept/entry.ts';
import { isGuestId, PageState, PkvmAnnotation, PkvmLeaf, showLeaf, viewOf } from '../model/pkvm/index.ts';
import type { OwnershipSlots } from './ownership-slots.ts';
import { claimsReader } from './claims-reader.ts';
import { type PageClaims, pageSentences, partyName } from './page-claims.ts';
import { ownershipWitnesses } from './ownership-witnesses.ts';
import { all, always, recoverable } from './sentence.ts';
import { ours, seed } from '../model/citation.ts';
import { pkvmInvariant } from './origin.ts';

const { PKVM_NOPAGE, PKVM_PAGE_OWNED } = PageState;
const hex = (value: bigint): string => `0x${value.toString(16)}`;
const listed = (owners: readonly number[]): string => owners.map(partyName).join(' and ') || 'nobody';

/** What must be true of the ownership words in every state, and the states that show it is not true of nothing. */
export function ownershipProperties(slots: OwnershipSlots): readonly Property[] {
  const ram = slots.host.filter(({ isRam }) => isRam);
  const pages = ram.map(({ page }) => ({ about: `page ${hex(page)}`, claims: claimsReader(slots, page) }));
  const ofPages = (holds: (claims: PageClaims) => boolean | ReturnType<typeof all>): Instance[] =>
    pages.map(({ about, claims }) => ({ about, holds: (read: Read) => holds(claims(read)) }));
  const ofHostLeaves = (
    holds: (leaf: bigint, page: bigint, isRam: boolean) => ReturnType<typeof all>,
  ): Instance[] =>
    slots.host.map(({ page, isRam, slot }) => ({
      about: `host leaf of ${hex(page)}`,
      holds: (read: Read) => holds(read(slot), page, isRam),
    }));
  const ofGuestLeaves = (holds: (leaf: bigint) => ReturnType<typeof all>): Instance[] =>
    slots.guest.map(({ vm, gpa, slot }) => ({
      about: `guest ${vm} leaf of ${hex(gpa)}`,
      holds: (read: Read) => holds(read(slot)),
    }));

  return [
    ...pageSentences(ofPages),
    always(
      'state bits agree with presence in the host EPT',
      pkvmInvariant('I5'),
      ofHostLeaves(leaf => {
        const { isPresent, pageState } = viewOf(leaf);
        return all([[isPresent === (pageState !== PKVM_NOPAGE), showLeaf(leaf, 'host')]]);
      }),
    ),
    always(
      'state bits agree with presence in every guest table',
      pkvmInvariant('I5'),
      ofGuestLeaves(leaf => {
        const { isPresent, pageState } = viewOf(leaf);
        return all([[isPresent === (pageState !== PKVM_NOPAGE), showLeaf(leaf, 'guest')]]);
      }),
    ),
    always(
      'the host EPT is an identity map',
      pkvmInvariant('I6'),
      ofHostLeaves((leaf, page) => {
        const view = viewOf(leaf);
        return all([[!view.isPresent || view.page === page, `it maps ${hex(view.page)}`]]);
      }),
    ),
    always(
      'nobody maps a page of the hypervisor',
      pkvmInvariant('I7'),
      ofPages(claims => {
        const isHyp = claims.hostState === PKVM_NOPAGE && claims.ownerId === 0;
        return all([
          [!isHyp || claims.guests.length === 0, `${listed(claims.guests.map(({ vm }) => vm))} map it`],
        ]);
      }),
    ),
    always(
      'RAM is mapped write-back and MMIO uncacheable in the host EPT',
      pkvmInvariant('I11'),
      ofHostLeaves((leaf, _, isRam) => {
        const type = PkvmLeaf.get(leaf, 'memoryType');
        const wanted = isRam ? EptMemoryType.WB : EptMemoryType.UC;
        return all([[!viewOf(leaf).isPresent || type === wanted, `memory type ${type}, not ${wanted}`]]);
      }),
    ),
    always(
      'a recorded owner is the hypervisor or a guest, never a reserved id',
      pkvmInvariant('I14'),
      ofHostLeaves(leaf => {
        const { isPresent } = viewOf(leaf);
        const owner = PkvmAnnotation.get(leaf, 'ownerId');
        return all([[isPresent || owner === 0 || isGuestId(owner), `owner id ${owner}`]]);
      }),
    ),

    ...onlyOwnPages(slots),

    ...ownershipWitnesses(slots, ofPages),

    recoverable(
      'the host can get every page back',
      {
        source: seed('004', 'before undonate back to host'),
      },
      ram.map(({ page, slot }) => ({
        about: `page ${hex(page)}`,
        holds: (read: Read) => viewOf(read(slot)).pageState === PKVM_PAGE_OWNED,
      })),
    ),
  ];
}

/** Where each gpa is the place of one page, that it stays so. */
function onlyOwnPages({ guest }: OwnershipSlots): Property[] {
  const instances = guest.flatMap(({ vm, gpa, slot, onlyPage }): Instance[] => {
    if (onlyPage === undefined) return [];
    const holds = (leaf: bigint): boolean => !viewOf(leaf).isPresent || viewOf(leaf).page === onlyPage;
    return [{ about: `guest ${vm} leaf of ${hex(gpa)}`, holds: (read: Read) => holds(read(slot)) }];
  });
  if (instances.length === 0) return [];
  return [
    always(
      'a gpa maps only the page whose own it is',
      { source: ours('the profile: own gpas') },
      instances,
    ),
  ];
}
