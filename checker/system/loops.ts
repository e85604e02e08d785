import type { Read, Seen, Slot, Value } from './system.ts';

/** Whether some slot holds what the lens sees as true. The lens is the same function on every run, as for `Read`. */
export function some<V extends Value>(
  read: Read,
  slots: readonly Slot<V>[],
  lens: (value: V) => Value,
): boolean {
  if (read.loops !== undefined) return read.loops.some(slots, lens);
  return slots.some(slot => Boolean(read(slot, lens)));
}

/**
 * What the lens sees in the slots in which it sees anything: slots that it sees as false (`0`, `''`, `false`) count for
 * nothing. The order is that of the slots.
 */
export function collect<V extends Value, W extends Value>(
  read: Read,
  slots: readonly Slot<V>[],
  lens: (value: V) => W,
): readonly Seen<W>[] {
  if (read.loops !== undefined) return read.loops.collect(slots, lens);
  return slots.flatMap((slot, at) => {
    const saw = read(slot, lens);
    return Boolean(saw) ? [{ at, saw }] : [];
  });
}

/**
 * Does the same with each item, independently: what is done with one reads nothing that is written for another, and
 * writes only slots that name the member by which `slotOf` tells the items apart.
 */
export function each<T>(
  read: Read,
  items: readonly T[],
  slotOf: (item: T) => Slot,
  body: (item: T) => void,
): void {
  if (read.loops !== undefined) read.loops.each(items, slotOf, body);
  else items.forEach(item => body(item));
}

/**
 * What is wrong with the first item that something is wrong with: for sentences that are about all of them. A proof
 * asks it of one item, whichever it is. Not for calls: what they find must not depend on the order.
 */
export function every<T, V>(
  read: Read,
  items: readonly T[],
  slotOf: (item: T) => Slot,
  complaint: (item: T) => V | undefined,
): V | undefined {
  if (read.loops !== undefined) return read.loops.every(items, slotOf, complaint);
  for (const item of items) {
    const found = complaint(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
