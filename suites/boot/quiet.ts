import {
  type Controls,
  type Cpu,
  type CpuState,
  cpuWith,
  EptMemoryType,
  Eptp,
} from '../../model/ept/index.ts';
import type { VectorPlaces } from '../walk-vectors/places.ts';
import { quietWords } from '../walk-vectors/variations.ts';
import { logOf, veInfoOf } from './places.ts';

/** Where most accesses are made: the first byte of sub-page 5. */
export const offsetIn = 5n * 128n;

/** A processor over the tables of these places. */
export function processor(
  places: VectorPlaces,
  {
    controls = {},
    state = {},
    accessedDirty = false,
  }: {
    readonly controls?: Partial<Controls>;
    readonly state?: Partial<CpuState>;
    readonly accessedDirty?: boolean;
  } = {},
): Cpu {
  return cpuWith({
    maxPhysicalAddressWidth: places.maxphyaddr,
    eptp: Eptp.encode({
      memoryType: EptMemoryType.WB,
      walkLengthMinusOne: 3,
      accessedDirty,
      table: places.at.ept[4],
    }),
    spptp: places.at.sppt[4],
    controls: { spp: true, ...controls },
    state: { pmlAddress: logOf(places), veInfoAddress: veInfoOf(places), ...state },
  });
}

/** The quiet tables with other words at some addresses. */
export const quietWith = (places: VectorPlaces, ...others: readonly (readonly [bigint, bigint])[]) =>
  new Map([...quietWords(places), ...others]);
