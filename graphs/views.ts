import type { Life, Slot, System } from '../checker/index.ts';
import { abstractPage } from '../systems/pages/page-box.ts';
import { isLock, leafIn } from '../systems/pages/slot-is.ts';
import type { Box, View } from './from-states.ts';
import type { Tone } from './labelled-graph.ts';
import { machineBox, pageBox } from './machine-box.ts';

/** A slot that is a leaf of the host's table or of a guest's. */
interface Leaf {
  readonly slot: Slot<bigint>;
  readonly vm: number | 'host';
  readonly address: bigint;
  readonly isRam: boolean;
}

const isWord = (slot: Slot): slot is Slot<bigint> => typeof slot.initial === 'bigint';

const leavesOf = ({ slots }: Pick<System, 'slots'>): Leaf[] =>
  slots.flatMap((slot): Leaf[] => {
    const leaf = leafIn(slot);
    if (leaf === undefined || leaf.table === 'iommu' || !isWord(slot)) return [];
    return [{ slot, vm: leaf.table, address: leaf.address, isRam: leaf.isRam }];
  });

/** Words that a call is about to change are no box of the picture, and no contradiction: the call holds a lock. */
const insideCall: Box = { id: 'inside a call', label: 'inside a call:\nits locks are held', tone: 'mixed' };

/** The locks, free where they begin. None where calls are single steps. */
const locksOf = ({ slots }: Pick<System, 'slots'>): Slot[] =>
  slots.filter(({ is }) => is?.kind === isLock.kind);

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** What tells the box of a page besides its host leaf. */
interface Others {
  readonly guests: readonly (Leaf & { readonly vm: number })[];
  readonly locks: readonly Slot[];
}

/** The words of one page as a box of the protocol; a box of its own where they are in none. */
function boxOf(read: Parameters<View['box']>[0], host: Leaf, { guests, locks }: Others): Box {
  const page = host.address;
  const alone = abstractPage(read, { page, host: host.slot });
  const seen = guests.map(({ vm, address, slot }) =>
    abstractPage(read, { page, host: host.slot, guest: { vm, gpa: address, slot } }),
  );
  const wrong = [alone, ...seen].find(state => typeof state === 'string');
  if (wrong !== undefined || typeof alone === 'string') {
    if (locks.some(lock => read(lock) !== lock.initial)) return insideCall;
    return {
      id: 'no box of the protocol',
      label: 'no box of the protocol:\nthe words contradict',
      tone: 'fault',
    };
  }
  return pageBox(alone.value);
}

function onePage(host: Leaf, others: Others): View {
  return {
    name: `the life of page ${hex(host.address)}`,
    about: `Which of the protocol's boxes the words of page ${hex(host.address)} are in, in every reachable state.`,
    box: read => boxOf(read, host, others),
  };
}

/** How many pages are in which box: pages are told apart by nothing else. */
function pattern(hosts: readonly Leaf[], others: Others): View {
  return {
    name: 'the ownership pattern',
    about: 'How many pages are in which of the boxes, whichever they are.',
    box: read => {
      const boxes = hosts.map(host => boxOf(read, host, others));
      const ids = boxes.map(({ id }) => id).sort();
      const counts = [...new Set(ids)].map(
        id => `${ids.filter(other => other === id).length} × ${id.replaceAll('_', ' ')}`,
      );
      const tones = new Set(boxes.map(({ tone }) => tone));
      const tone: Tone = tones.size > 1 ? 'mixed' : (boxes[0]?.tone ?? 'mixed');
      return { id: ids.join(' '), label: counts.join('\n'), tone };
    },
  };
}

/** The protocol's own name for the state of a part of the system. */
const lifeView = ({ name, state }: Life): View => ({
  name,
  about: `Which of the protocol's boxes ${name.replace('the life of ', '')} is in, in every reachable state.`,
  box: read => machineBox(state(read)),
});

/** The ways to see all states of a system at once; none for a system in which nothing has a life of its own. */
export function viewsOf({ slots, lives = [] }: Pick<System, 'slots' | 'lives'>): View[] {
  const leaves = leavesOf({ slots });
  const others = {
    guests: leaves.flatMap(leaf => (leaf.vm === 'host' ? [] : [{ ...leaf, vm: leaf.vm }])),
    locks: locksOf({ slots }),
  };
  // MMIO goes nowhere: its life is no picture
  const hosts = leaves.filter(({ vm, isRam }) => vm === 'host' && isRam);
  const pages = hosts.map(host => onePage(host, others));
  return [...pages, ...lives.map(lifeView), ...(hosts.length > 1 ? [pattern(hosts, others)] : [])];
}
