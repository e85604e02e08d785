import { BLOCK_SIZE, OwnerId, PAGE_SIZE, type Vm } from '../../model/pkvm/index.ts';
import type { IsolationSize } from './size.ts';

/** Where the pages of the model lie, so that an hpa, a gpa and an MMIO page are never mistaken for one another. */
const FIRST_HPA = 0x3000n;
const FIRST_GPA = 0x1_0000n;
const REGION_HPA = 4n * BLOCK_SIZE;
const REGION_GPA = 8n * BLOCK_SIZE;
const FIRST_MMIO = 0xfee0_0000n;

/** The addresses of a system, and its guests. */
export interface Places {
  readonly size: IsolationSize;
  readonly vms: readonly Vm[];
  readonly pages: readonly bigint[];
  readonly gpas: readonly bigint[];
  readonly mmio: readonly bigint[];
  /** CPU numbers, from 0. */
  readonly cpus: readonly number[];
}

const pagesFrom = (first: bigint, count: number): bigint[] =>
  Array.from({ length: count }, (_, at) => first + BigInt(at) * PAGE_SIZE);

export function placesOf(size: IsolationSize): Places {
  const ids = Array.from({ length: size.protected + size.normal }, (_, at) => OwnerId.firstGuest + at);
  return {
    size,
    vms: ids.map((id, at) => ({ id, kind: at < size.protected ? 'protected' : 'normal' })),
    pages: pagesFrom(size.isRegion ? REGION_HPA : FIRST_HPA, size.pages),
    gpas: pagesFrom(size.isRegion ? REGION_GPA : FIRST_GPA, size.gpas),
    mmio: pagesFrom(FIRST_MMIO, size.mmio),
    cpus: Array.from({ length: size.cpus }, (_, at) => at),
  };
}
