/** A call that a CPU is in the middle of. */
export interface Flight {
  /** Which call, by its index. */
  readonly call: number;
  /** The step that it makes next. */
  readonly at: number;
  /** The page that was looked up, fetched from the list or popped; 0 where none. */
  readonly hpa: bigint;
  /** The guest leaf that `test_clear_young_guest` read; 0 where none. */
  readonly leaf: bigint;
  /** 0, or the errno that it will return. */
  readonly refusal: number;
  /** What the same call returns in the sequential order, once it has its place there. */
  readonly expects: number | undefined;
}

/** What a CPU's slot holds between calls. */
export const IDLE = 'idle';

/** A flight as a slot holds it. */
export const encodeFlight = ({ call, at, hpa, leaf, refusal, expects }: Flight): string =>
  [call, at, hpa, leaf, refusal, expects ?? '-'].join(' ');

const decoded = new Map<string, Flight>();

/** The flight of a slot; `undefined` where the CPU is between calls. */
export function decodeFlight(value: string): Flight | undefined {
  if (value === IDLE) return undefined;
  const known = decoded.get(value);
  if (known !== undefined) return known;
  const [call, at, hpa, leaf, refusal, expects] = value.split(' ');
  const flight: Flight = {
    call: Number(call),
    at: Number(at),
    hpa: BigInt(hpa ?? 0),
    leaf: BigInt(leaf ?? 0),
    refusal: Number(refusal),
    expects: expects === '-' ? undefined : Number(expects),
  };
  decoded.set(value, flight);
  return flight;
}
