import { maskOf, setBits } from '../../model/bits/index.ts';
import { Eptp, GuestPhysicalAddress } from '../../model/ept/index.ts';
import type { VectorPlaces } from '../walk-vectors/places.ts';
import { entriesOf } from '../walk-vectors/places.ts';
import { type BootCase, caseOf } from './case.ts';
import { logOf, veInfoOf } from './places.ts';

const page = 4096n;
const allBits = maskOf({ hi: 63, lo: 0 });

/** A word with another address in it, and every other bit kept: those beyond the width and those below the page too. */
function withAddress(
  word: bigint,
  address: bigint,
  { hi, lo }: { readonly hi: number; readonly lo: number },
) {
  const field = maskOf({ hi, lo });
  return setBits(word, allBits - field) + setBits(address, field);
}

type Level = 4 | 3 | 2 | 1;
const indexOf = (gpa: bigint): Readonly<Record<Level, number>> => {
  const { index4, index3, index2, index1 } = GuestPhysicalAddress.decode(gpa);
  return { 4: index4, 3: index3, 2: index2, 1: index1 };
};

/** The entries that a walk from a root reads, level by level, as far as the words reach. */
function* entriesFrom(
  words: ReadonlyMap<bigint, bigint>,
  root: bigint,
  gpa: bigint,
  width: number,
): Generator<{ readonly level: Level; readonly word: bigint }> {
  let table = root;
  for (const level of [4, 3, 2, 1] as const) {
    const word = words.get(table + 8n * BigInt(indexOf(gpa)[level]));
    if (word === undefined) return;
    yield { level, word };
    table = setBits(word, maskOf({ hi: width - 1, lo: 12 }));
  }
}

/** Bits 12 and up of an address that a large page leaves to the offset. */
const leafBits: Readonly<Record<Level, number>> = { 4: 12, 3: 30, 2: 21, 1: 12 };
const below = { 4: 3, 3: 2, 2: 1 } as const;

/**
 * The same walk in the tables of these places: each entry keeps all its bits but the address. `undefined` for a walk of
 * another length than four.
 */
export function relocated(one: BootCase, places: VectorPlaces): BootCase | undefined {
  const { cpu, words } = one;
  const [access] = one.accesses;
  const { walkLengthMinusOne } = Eptp.decode(cpu.eptp);
  if (walkLengthMinusOne !== 3 || access.gpa >= 2n ** 48n) return undefined;
  const width = cpu.maxPhysicalAddressWidth;
  const to = entriesOf(places);
  const { ept, sppt, page: pages } = places.at;
  const field = { hi: width - 1, lo: 12 };
  const frameOf = (word: bigint): bigint => setBits(word, maskOf(field));
  const moved = new Map<bigint, bigint>();
  for (const { level, word } of entriesFrom(words, frameOf(cpu.eptp), access.gpa, width)) {
    const isLarge = (level === 3 || level === 2) && setBits(word, 0x80n) !== 0n;
    const next =
      level === 1 ? pages['4K'] : isLarge ? (level === 3 ? pages['1G'] : pages['2M']) : ept[below[level]];
    const lo = isLarge ? leafBits[level] : 12;
    moved.set(to.ept(level), withAddress(word, next, { ...field, lo }));
  }
  for (const { level, word } of entriesFrom(words, frameOf(cpu.spptp), access.gpa, width))
    moved.set(to.sppt(level), level === 1 ? word : withAddress(word, sppt[below[level]], field));
  const { pmlAddress, veInfoAddress } = cpu.state;
  const info = words.get(frameOf(veInfoAddress));
  if (info !== undefined) moved.set(veInfoOf(places), info);
  const state = {
    ...cpu.state,
    pmlAddress: withAddress(pmlAddress, logOf(places), field),
    veInfoAddress: withAddress(veInfoAddress, veInfoOf(places), field),
  };
  const there = {
    ...cpu,
    maxPhysicalAddressWidth: places.maxphyaddr,
    eptp: withAddress(cpu.eptp, ept[4], field),
    spptp: withAddress(cpu.spptp, sppt[4], field),
    state,
  };
  return caseOf(one.id, there, moved, { ...access, gpa: places.gpa + (access.gpa % page) });
}
