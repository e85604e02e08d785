import { fromVector, walkVector } from '../../oracle/protocol/walk-vector.ts';
import type { VectorPlaces } from '../walk-vectors/places.ts';
import { pathVectors } from '../walk-vectors/path-vectors.ts';
import { walkVectors } from '../walk-vectors/walk-vectors.ts';
import { type BootCase, caseOf, unmakeable } from './case.ts';
import { controlCases } from './control-cases.ts';
import { entryCases } from './entry-cases.ts';
import { tablePagesOf } from './places.ts';
import { relocated } from './relocate.ts';

/** The cases that the hypervisor runs, and those left out, counted by why. */
export interface BootCases {
  readonly cases: readonly BootCase[];
  readonly leftOut: ReadonlyMap<string, number>;
}

/** Why a vector is no case of the hypervisor's; `undefined` where it is one. */
function unsuitable({ words, accesses, cpu }: BootCase, places: VectorPlaces): string | undefined {
  const tables = new Set(tablePagesOf(places));
  if (cpu.eptp - (cpu.eptp % 4096n) !== places.at.ept[4] && accesses[0].pageWalk)
    return 'another root of the EPT';
  if ([...words.keys()].some(address => !tables.has(address - (address % 4096n))))
    return 'tables at other places';
  if (accesses[0].gpa - (accesses[0].gpa % 4096n) !== places.gpa) return 'another guest page';
  if (cpu.state.nmiUnblockingIret || cpu.state.eventDelivery) return 'IRET and the delivery of events';
  return unmakeable(accesses[0]);
}

/** A line of `pagewarden vectors` as a case. */
function ofVector(vector: unknown): BootCase {
  const read = walkVector.parse(vector);
  const { memory, cpu, access } = fromVector(read);
  const words = Object.keys(read.memory).map(at => [BigInt(at), memory.read(BigInt(at)) ?? 0n] as const);
  return caseOf(String(read.id ?? ''), cpu, new Map(words), access);
}

/** The walk vectors, fitted to these places, what they do not show, and as many paths of the proof as are wanted. */
export function bootCases(places: VectorPlaces, paths = 0): BootCases {
  const cases: BootCase[] = [];
  const leftOut = new Map<string, number>();
  const leave = (why: string): void => {
    leftOut.set(why, (leftOut.get(why) ?? 0) + 1);
  };
  const add = (one: BootCase): void => {
    const why = unsuitable(one, places);
    if (why === undefined) cases.push(one);
    else leave(why);
  };
  for (const vector of walkVectors(places)) add(ofVector(vector));
  for (const one of [...controlCases(places), ...entryCases(places)]) add(one);
  for (const vector of paths > 0 ? pathVectors(paths) : []) {
    const one = relocated(ofVector(vector), places);
    if (one === undefined) leave('a walk of five levels');
    else add(one);
  }
  return { cases, leftOut };
}
