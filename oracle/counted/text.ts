import { addressHex } from '../../model/bits/index.ts';
import { countedErrnoName, type CountedResult, type Flush } from '../../model/pkvm/counted/index.ts';

/** What a call returned, for a person. */
export const resultText = (result: CountedResult): string =>
  result === null
    ? 'nothing'
    : typeof result === 'number' && result < 0
      ? countedErrnoName(result)
      : String(result);

export const rangesText = (ranges: readonly { readonly start: bigint; readonly size: bigint }[]): string =>
  ranges.map(({ start, size }) => `${addressHex(start)}+${addressHex(size)}`).join(', ') || 'none';

export const flushesText = (flushes: readonly Flush[]): string =>
  flushes
    .map(
      ({ who, start, size }) =>
        `${who === 'host' ? 'host' : `guest ${who}`} ${rangesText([{ start, size }])}`,
    )
    .join(', ') || 'none';
