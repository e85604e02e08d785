import { bit, bits, ignored, layout, wide } from '../bits/index.ts';
import { entryShift, type Level } from './descriptor.ts';

/** VTTBR_EL2: the root of a stage-2 table. facts/arm64-live.md 4. */
export const Vttbr = layout('Vttbr', {
  cnp: bit(0),
  _1: ignored(1),
  baddr5_2: bits(5, 2), // address bits 51:48 where the output size is 52 bits
  _11_6: bits(11, 6), // part of the address of a root smaller than a page, which 4-KByte granules do not have here
  baddr: wide(47, 12),
  vmid: bits(63, 48),
});

/** VTCR_EL2: the shape of the table. facts/arm64-live.md 4. */
export const Vtcr = layout('Vtcr', {
  t0sz: bits(5, 0),
  sl0: bits(7, 6),
  irgn0: bits(9, 8),
  orgn0: bits(11, 10),
  sh0: bits(13, 12),
  tg0: bits(15, 14),
  ps: bits(18, 16),
  vs: bit(19),
  _20: ignored(20),
  ha: bit(21), // hardware sets the access flag
  hd: bit(22), // hardware manages the dirty state
  _31_23: ignored(31, 23),
  ds: bit(32), // LPA2: 52-bit addresses with 4-KByte granules
  sl2: bit(33),
  _63_34: ignored(63, 34),
});

/** One stage-2 table as a walk needs it. */
export interface Stage2 {
  /** Where the first page of the root lies. */
  readonly root: bigint;
  /** How many pages are concatenated at the root: 1 to 16. */
  readonly rootPages: number;
  readonly startLevel: Level;
  /** Input addresses have this many bits: 64 - T0SZ. */
  readonly inputBits: number;
  /** Output addresses have this many bits: PS. */
  readonly outputBits: number;
  readonly lpa2: boolean;
  readonly vmid: number;
  readonly managesAccessFlag: boolean;
  readonly managesDirtyState: boolean;
}

export type Stage2Result =
  { readonly ok: true; readonly stage2: Stage2 } | { readonly ok: false; readonly why: string };

const granules = ['4', '64', '16', 'an unknown number of'] as const;
const outputSizes = [32, 36, 40, 42, 44, 48, 52, undefined] as const;
/** "SL0 with 4K: 0 -> level 2, 1 -> level 1, 2 -> level 0, 3 -> level 3; SL2 set (LPA2) -> level -1". */
const startLevels = [2, 1, 0, 3] as const;

const refuse = (why: string): Stage2Result => ({ ok: false, why });

/** Reads both registers; says in one sentence why they describe no table that is read here. */
export function stage2Of(vttbr: bigint, vtcr: bigint): Stage2Result {
  const { t0sz, sl0, tg0, ps, ha, hd, ds, sl2 } = Vtcr.decode(vtcr);
  if (tg0 !== 0)
    return refuse(
      `VTCR_EL2 asks for ${granules[tg0]}-KByte granules (TG0 = ${tg0}): only 4 KByte are read`,
    );
  const outputBits = outputSizes[ps];
  if (outputBits === undefined) return refuse(`VTCR_EL2.PS is ${ps}, which is reserved`);
  const inputBits = 64 - t0sz;
  const largest = ds ? 52 : 48;
  if (inputBits > largest || inputBits < 16)
    return refuse(
      `VTCR_EL2.T0SZ is ${t0sz}: input addresses of ${inputBits} bits are not 16 to ${largest}`,
    );
  const startLevel: Level = ds && sl2 ? -1 : (startLevels[sl0] ?? 3);
  const extra = inputBits - entryShift(startLevel) - 9;
  if (extra > 4 || inputBits <= entryShift(startLevel))
    return refuse(`a walk of ${inputBits} address bits cannot start at level ${startLevel} (SL0 = ${sl0})`);
  const rootPages = extra > 0 ? 1 << extra : 1;
  const { baddr, baddr5_2, vmid } = Vttbr.decode(vttbr);
  const root = (baddr << 12n) | (outputBits === 52 && ds ? BigInt(baddr5_2) << 48n : 0n);
  if (root % (4096n * BigInt(rootPages)) !== 0n)
    return refuse(`VTTBR_EL2 is not aligned to the ${rootPages} concatenated pages of its root`);
  return {
    ok: true,
    stage2: {
      root,
      rootPages,
      startLevel,
      inputBits,
      outputBits,
      lpa2: ds,
      vmid,
      managesAccessFlag: ha,
      managesDirtyState: hd,
    },
  };
}
