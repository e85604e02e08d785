import { addressHex } from '../../model/bits/index.ts';

/** Who holds the lock: a call as it is written, the step that it makes next, the host-physical page that it is about. */
export interface Held {
  readonly call: string;
  readonly at: number;
  /** 0 where it names none. */
  readonly hpa: bigint;
}

/** The lock's value where nobody holds it. */
export const FREE = 'free';

export const lockedBy = ({ call, at, hpa }: Held): string => `${call}, step ${at}, page ${addressHex(hpa)}`;

/** Who holds a lock of this value. */
export function holderOfLock(lock: string): Held | undefined {
  const [, call, at, hpa] = /^(.*), step (\d+), page (0x[0-9a-f]+)$/.exec(lock) ?? [];
  if (call === undefined || at === undefined || hpa === undefined) return undefined;
  return { call, at: Number(at), hpa: BigInt(hpa) };
}

/** The page that the call which holds the lock is about; 0 where there is none. */
export const pageOfLock = (lock: string): bigint => holderOfLock(lock)?.hpa ?? 0n;
