import type { Read, Slot } from '../../checker/index.ts';
import { type CountedOutcome, leafValue, CountedLeaf } from '../../model/pkvm/counted/index.ts';
import { PAGE_SIZE } from '../../model/pkvm/index.ts';
import type { SharingCall } from './calls.ts';
import type { SharingRules } from './rules.ts';
import { pageCellAt } from './slot-machine.ts';
import type { CallWords } from './words.ts';
import {
  type Cell,
  type CountedSlots,
  type CountedVmSlots,
  type GuestCell,
  type PageCell,
} from './world.ts';

/** What a call means to those who are not in the words: to devices, to what lies in pages, to caches, to guests. */
interface Remembered {
  readonly world: CountedSlots;
  readonly rules: SharingRules;
  readonly call: SharingCall;
  readonly outcome: CountedOutcome;
  /** The state before the call. */
  readonly before: Read;
  readonly words: CallWords;
}

const meets = (cell: Cell, start: bigint, size: bigint): boolean =>
  cell.start < start + size && start < cell.start + cell.pages * PAGE_SIZE;

/** The cells of RAM, and of a VM, that a call names. */
export const namedPages = ({ pages }: CountedSlots, { pa, size = 0n }: SharingCall): readonly PageCell[] =>
  pa === undefined ? [] : pages.filter(cell => meets(cell, pa, size));
export const namedCells = (
  { vms }: CountedSlots,
  { vm, gpa, size = 0n }: SharingCall,
): readonly GuestCell[] =>
  gpa === undefined
    ? []
    : (vms.find(({ id }) => id === vm)?.cells ?? []).filter(cell => meets(cell, gpa, size));

/** The word by which a guest's page is translated: its own, or that of the large leaf around it. */
export function wordOf(vm: CountedVmSlots, cell: GuestCell, read: (slot: Slot<bigint>) => bigint): bigint {
  const block = vm.block;
  const large = block !== undefined && cell.start >= block.start ? read(block.leaf) : 0n;
  if (block === undefined || large === 0n) return read(cell.leaf);
  const { page } = leafValue(large);
  return CountedLeaf.with(large, { page: page + (cell.start - block.start) });
}

/** The RAM that is mapped at the guest pages that the call names. */
function mappedPages({ world, call, before }: Remembered): PageCell[] {
  const vm = world.vms.find(({ id }) => id === call.vm);
  if (vm === undefined) return [];
  return namedCells(world, call).flatMap(cell => {
    const { isPresent, page } = leafValue(wordOf(vm, cell, before));
    const found = isPresent ? pageCellAt(world, page) : undefined;
    return found === undefined ? [] : [found];
  });
}

function rememberHolders({ world, rules, call, outcome, before, words }: Remembered): void {
  if (outcome.rule !== 'complete') return;
  for (const { held } of namedPages(world, call)) {
    const now = before(held);
    const after = rules.heldAfter(call.name, now);
    if (after !== now) words.set(held, after);
  }
  const by = call.name === 'host_use_dma' ? 1 : call.name === 'host_unuse_dma' ? -1 : 0;
  if (by !== 0) for (const { devices } of namedPages(world, call)) words.set(devices, before(devices) + by);
}

function rememberBeliefs({ world, rules, call, outcome, before, words }: Remembered): void {
  const isDone = outcome.rule === 'complete';
  const { name, vm } = call;
  if (name === 'vm_teardown' && isDone)
    for (const { isProtected, cells } of world.vms.filter(({ id }) => id === vm))
      if (isProtected) for (const { believesShared } of cells) words.set(believesShared, false);
  if (name !== 'guest_share_host' && name !== 'guest_unshare_host') return;
  for (const { believesShared } of namedCells(world, call)) {
    const now = before(believesShared);
    const after = rules.believesShared(name, now, outcome.result);
    if (after !== now) words.set(believesShared, after);
  }
}

/** Secrets come into a page with its new owner, and go by wiping, or as a guest lets the host see the page. */
function rememberSecrets(remembered: Remembered): void {
  const { world, call, outcome, words } = remembered;
  for (const { start, size } of outcome.wipes)
    for (const { secret } of world.pages.filter(cell => meets(cell, start, size)))
      words.set(secret, 'none');
  if (outcome.result !== 0) return;
  if (call.name === 'host_donate_hyp')
    for (const { secret } of namedPages(world, call)) words.set(secret, 'hyp');
  if (call.name === 'host_donate_guest')
    for (const { secret } of namedPages(world, call)) words.set(secret, 'guest');
  if (call.name === 'guest_share_host')
    for (const { secret } of mappedPages(remembered)) words.set(secret, 'none');
  if (call.name === 'guest_unshare_host')
    for (const { secret } of mappedPages(remembered)) words.set(secret, 'guest');
}

/** Where a word leads and with which rights: what a processor may have cached of it. */
const translation = (word: bigint): bigint => {
  const { read, write, execute, page } = CountedLeaf.decode(word);
  return leafValue(word).isPresent ? CountedLeaf.encode({ read, write, execute, page }) : 0n;
};

interface Cached extends Cell {
  readonly stale: Slot<bigint>;
  /** The word that translates its first page. */
  word(read: (slot: Slot<bigint>) => bigint): bigint;
}

const cachedOf = (vm: CountedVmSlots): Cached[] =>
  vm.cells.map(cell => ({ ...cell, word: read => wordOf(vm, cell, read) }));

/** What was cached is stale where its word has changed, until somebody flushes there. */
function rememberCached({ world, call, outcome, before, words }: Remembered): void {
  const isTouched = new Set<Slot>(words.written());
  const now = (slot: Slot<bigint>): bigint => words.get(slot);
  const settle = (who: 'host' | number, all: readonly Cached[]): void => {
    const flushes = outcome.flushes.filter(flush => flush.who === who);
    for (const cached of all) {
      const { stale, word } = cached;
      const old = translation(word(before));
      const isFlushed = flushes.some(({ start, size }) => meets(cached, start, size));
      if (isFlushed) words.set(stale, 0n);
      else if (old !== 0n && translation(word(now)) !== old) words.set(stale, old);
    }
  };
  const touchedHost = world.pages.filter(({ host }) => isTouched.has(host));
  settle(
    'host',
    touchedHost.map(cell => ({ ...cell, word: read => read(cell.host) })),
  );
  const vm = world.vms.find(({ id }) => id === call.vm);
  if (vm === undefined) return;
  const isTouchedVm =
    vm.cells.some(({ leaf }) => isTouched.has(leaf)) ||
    (vm.block !== undefined && isTouched.has(vm.block.leaf));
  const isGone = call.name === 'vm_teardown' && !(world.size.running && before(vm.running));
  if (isTouchedVm && !isGone) settle(vm.id, cachedOf(vm));
}

/** Writes down what a call meant beside its words. A call that panicked means nothing any more. */
export function remember(remembered: Remembered): void {
  remembered.words.settle();
  rememberHolders(remembered);
  rememberBeliefs(remembered);
  rememberSecrets(remembered);
  rememberCached(remembered);
}
