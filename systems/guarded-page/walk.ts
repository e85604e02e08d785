import type { Read } from '../../checker/index.ts';
import { cpuWith, entryAddress, guestAccess, type Outcome, translate } from '../../model/ept/index.ts';
import { SpptEntry, SppVector, Spptp } from '../../model/ept/spp/index.ts';
import { sparseMemory } from '../../model/memory/index.ts';
import { isGuarded, PkvmLeaf, tableEntry } from '../../model/pkvm/index.ts';
import { eptPointer, eptWords, type StructurePages } from '../pages/structures.ts';
import { type CachedPage, type GuestPage, tablePage, type World } from './world.ts';

/** The pages of a guest's EPT and SPPT, by level: 4 to 1 of the EPT, 4 to 2 of the SPPT. */
const eptPages =
  (vm: number): StructurePages =>
  level =>
    tablePage(vm, 4 - level);
const spptPage = (vm: number, level: 2 | 3 | 4): bigint => tablePage(vm, 8 - level);

const valid = (table: bigint): bigint => SpptEntry.encode({ valid: true, table });

/** The words of the SPPT that a walk to this page reads. */
function spptWords(vm: number, gpa: bigint, l2e: bigint, l1e: bigint): [bigint, bigint][] {
  return [
    [entryAddress(spptPage(vm, 4), 4, gpa), valid(spptPage(vm, 3))],
    [entryAddress(spptPage(vm, 3), 3, gpa), valid(spptPage(vm, 2))],
    [entryAddress(spptPage(vm, 2), 2, gpa), l2e],
    [entryAddress(SpptEntry.get(l2e, 'table'), 1, gpa), l1e],
  ];
}

/** An access of a guest: which words its walk reads, and where to. */
interface Walked {
  readonly vm: number;
  readonly address: bigint;
  readonly kind: 'read' | 'write';
  readonly leaf: bigint;
  /** The SPPT's words, where the leaf asks for them. */
  readonly sppt: readonly [l2e: bigint, l1e: bigint] | undefined;
}

function walk({ vm, address, kind, leaf, sppt }: Walked): Outcome {
  const pages = eptPages(vm);
  const memory = sparseMemory([
    ...eptWords(pages, address, [
      { level: 2, word: tableEntry(pages(1)) },
      { level: 1, word: leaf },
    ]),
    ...(sppt === undefined ? [] : spptWords(vm, address, ...sppt)),
  ]);
  const cpu = cpuWith({
    eptp: eptPointer(pages),
    spptp: Spptp.encode({ table: spptPage(vm, 4) }),
    controls: { spp: true },
  });
  return translate(memory, cpu, guestAccess(kind, address));
}

/** Walks done before: the states of a system differ in few words, and a walk depends on these alone. */
const known = new Map<string, Outcome>();
const maxKnown = 65_536;

/** One access of a guest through the words of its tables, with the L2E that this CPU uses. */
export function access(
  read: Read,
  page: GuestPage,
  l2e: (read: Read) => bigint,
  what: 'read' | { readonly subPage: number },
): Outcome {
  const leaf = read(page.leaf);
  const walked: Walked = {
    vm: page.vm.id,
    address: what === 'read' ? page.gpa : page.gpa + 128n * BigInt(what.subPage),
    kind: what === 'read' ? 'read' : 'write',
    leaf,
    sppt: what !== 'read' && isGuarded(leaf) ? [l2e(read), read(page.l1e)] : undefined,
  };
  const key = Object.values(walked).join();
  const outcome = known.get(key) ?? walk(walked);
  if (known.size >= maxKnown) known.clear();
  known.set(key, outcome);
  return outcome;
}

/** The L2E by which this CPU walks: the one that it has cached, or else the one in memory. */
export const l2eUsedBy =
  ({ cachedTables, sppts }: World, cpu: number, vm: number) =>
  (read: Read): bigint => {
    const cached = cachedTables.find(table => table.cpu === cpu && table.vm === vm);
    const held = cached === undefined ? 0n : read(cached.l2e);
    const inMemory = sppts.find(sppt => sppt.vm.id === vm);
    return held !== 0n || inMemory === undefined ? held : read(inMemory.l2e);
  };

/** What becomes of a write: done to a page, or an exit. */
export type Written =
  | { readonly kind: 'done'; readonly page: bigint; readonly by: 'cache' | 'walk' }
  | Exclude<Outcome, { kind: 'allowed' }>;

/** A write of a guest on a CPU: by what the CPU has cached, where that permits it, or else by the words. */
export function write(world: World, read: Read, cached: CachedPage, subPage: number): Written {
  const leaf = PkvmLeaf.decode(read(cached.leaf));
  if (leaf.write) return { kind: 'done', page: leaf.page, by: 'cache' };
  if (leaf.subPageWrite && SppVector.get(read(cached.vector), `subPage${subPage}`))
    return { kind: 'done', page: leaf.page, by: 'cache' };
  const l2e = l2eUsedBy(world, cached.cpu, cached.page.vm.id);
  const outcome = access(read, cached.page, l2e, { subPage });
  if (outcome.kind !== 'allowed') return outcome;
  return { kind: 'done', page: PkvmLeaf.get(read(cached.page.leaf), 'page'), by: 'walk' };
}

/** The page that a guest reads on a CPU; `undefined` where a read is an EPT violation. */
export function reached(read: Read, cached: CachedPage): bigint | undefined {
  const leaf = PkvmLeaf.decode(read(cached.leaf));
  if (leaf.read) return leaf.page;
  const outcome = access(read, cached.page, () => 0n, 'read');
  return outcome.kind === 'allowed' ? PkvmLeaf.get(read(cached.page.leaf), 'page') : undefined;
}
