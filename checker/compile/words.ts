/** Memory for 32-bit words, all 0. Shared memory where other threads read it too. */
export type Allocate = (length: number) => Int32Array;

export const allocate: Allocate = length => new Int32Array(length);
export const allocateShared: Allocate = length => new Int32Array(new SharedArrayBuffer(4 * length));

/** A copy in new memory. A thread that holds the old memory goes on reading the old words, which nobody writes now. */
export function copyOf(words: Int32Array, make: Allocate): Int32Array {
  const copy = make(words.length);
  copy.set(words);
  return copy;
}

/** The words themselves where there is room for `need`; otherwise a copy of twice the room or more. */
export function withRoom(words: Int32Array, need: number, make: Allocate): Int32Array {
  if (need <= words.length) return words;
  const wider = make(2 ** Math.ceil(Math.log2(need)));
  wider.set(words);
  return wider;
}
