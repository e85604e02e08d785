import { type Action, disabled, each, type Read, type Write } from '../../checker/index.ts';
import { SpptEntry } from '../../model/ept/spp/index.ts';
import { isGuarded, OwnerId, PkvmLeaf } from '../../model/pkvm/index.ts';
import { FREE } from './lock.ts';
import type { Report } from './rules.ts';
import { access, l2eUsedBy, write as writeThrough } from './walk.ts';
import { type CachedPage, type GuestPage, regionOf, subPages, type World } from './world.ts';

/** One write of a guest as a property sees it. */
export interface WriteOf {
  readonly cached: CachedPage;
  readonly subPage: number;
  /** The page that it reaches; `undefined` where it is an exit. */
  page(read: Read): bigint | undefined;
  /** Who is told of it, and what, where it is denied for good. */
  report(read: Read): Report | undefined;
}

const actorOf = ({ cpu, page }: CachedPage): string => `cpu${cpu} guest${page.vm.id}`;

function reportOf(world: World, read: Read, cached: CachedPage, subPage: number): Report | undefined {
  const found = writeThrough(world, read, cached, subPage);
  if (found.kind !== 'ept_violation') return undefined;
  const { why } = found.cause;
  if (why === 'cut-short') return undefined;
  const { vm } = cached.page;
  const { gpaField: address, qualification } = found;
  return world.rules.report({ vm, why, address, qualification }, world.size.holder);
}

const partyTold = (to: number): string =>
  to === OwnerId.PKVM_ID_HYP ? 'hypervisor' : to === OwnerId.PKVM_ID_HOST ? 'host' : 'guest';

/** A write to one sub-page, on one CPU. It changes no word: what matters is whether and where it goes through. */
function writeAction(world: World, cached: CachedPage, subPage: number): readonly [Action, WriteOf] {
  const { gpa } = cached.page;
  const run = (read: Read): string => {
    const found = writeThrough(world, read, cached, subPage);
    if (found.kind === 'done') return found.by === 'cache' ? 'ok by cache' : 'ok';
    if (found.kind !== 'ept_violation') return found.kind;
    const report = reportOf(world, read, cached, subPage);
    return report === undefined ? 'denied' : `denied, told the ${partyTold(report.to)}`;
  };
  return [
    { name: 'guest_write', actor: actorOf(cached), args: { gpa, sub_page: subPage }, run },
    {
      cached,
      subPage,
      page: read => {
        const found = writeThrough(world, read, cached, subPage);
        return found.kind === 'done' ? found.page : undefined;
      },
      report: read => reportOf(world, read, cached, subPage),
    },
  ];
}

/** The word that a translation is cached as: the leaf without its state. */
const withoutState = (leaf: bigint): bigint => PkvmLeaf.with(leaf, { pageState: 0 });

/**
 * A processor may cache what it can translate at any time (SDM vol. 3C, "Caching Translation Information"): the
 * leaf, the vector that goes with it, and the entry of the SPPT above that.
 */
function cachingAction(world: World, cached: CachedPage): Action {
  const { page, cpu } = cached;
  const table = world.cachedTables.find(known => known.cpu === cpu && known.vm === page.vm.id);
  const run = (read: Read, write: Write): string | typeof disabled => {
    const leaf = read(page.leaf);
    if (access(read, page, () => 0n, 'read').kind !== 'allowed') return disabled;
    if (read(cached.leaf) !== 0n) return disabled;
    write(cached.leaf, withoutState(leaf));
    if (!isGuarded(leaf) || PkvmLeaf.get(leaf, 'write')) return 'ok';
    const l2e = l2eUsedBy(world, cpu, page.vm.id);
    const [subPage] = subPages;
    if (access(read, page, l2e, { subPage }).kind === 'spp_miss') return 'ok';
    write(cached.vector, read(page.l1e));
    if (table !== undefined) write(table.l2e, l2e(read));
    return 'ok, with its vector';
  };
  return { name: 'caches_translation', actor: actorOf(cached), args: { gpa: page.gpa }, run };
}

/**
 * The hypervisor answers an SPP miss (exit 66): every vector of the region that is remembered goes into the SPPT,
 * then the entry above becomes valid. facts/ept-spp.md 3.2, "rebuild L1E of every protected gfn of the 2M region".
 */
function missAction(world: World, page: GuestPage): Action {
  const { rules } = world;
  const l2e = world.sppts.find(({ vm }) => vm.id === page.vm.id)?.l2e;
  const run = (read: Read, write: Write): 'ok' | typeof disabled => {
    if (rules.missWaits && read(world.lock) !== FREE) return disabled;
    if (l2e === undefined || SpptEntry.get(read(l2e), 'table') === 0n) return disabled;
    const [subPage] = subPages;
    if (access(read, page, from => from(l2e), { subPage }).kind !== 'spp_miss') return disabled;
    each(
      read,
      regionOf(world, page.vm.id),
      ({ leaf }) => leaf,
      ({ record, l1e }) => write(l1e, rules.rebuilt(read(record), read(l1e))),
    );
    write(l2e, SpptEntry.with(read(l2e), { valid: true }));
    return 'ok';
  };
  return { name: 'spp_miss', actor: 'hypervisor', args: { vm: page.vm.id, gpa: page.gpa }, run };
}

export interface Accesses {
  readonly writes: ReadonlyMap<Action, WriteOf>;
  readonly others: readonly Action[];
}

/** What guests and processors do beside calls, and the hypervisor's answer to a miss. */
export const accessesOf = (world: World): Accesses => ({
  writes: new Map(
    world.cachedPages.flatMap(cached => subPages.map(subPage => writeAction(world, cached, subPage))),
  ),
  others: [
    ...world.cachedPages.map(cached => cachingAction(world, cached)),
    ...world.guestPages.map(page => missAction(world, page)),
  ],
});
