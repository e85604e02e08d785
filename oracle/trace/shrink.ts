import type { NamedCall } from '../step/index.ts';

/** At most so many sequences are tried. */
const maxTries = 400;

/**
 * A shorter list of calls of which the last still shows what `isStillShown` looks for: pieces are left out, larger
 * ones first, until none can be (delta debugging, "ddmin"). The last call stays.
 */
export function shrink(
  calls: readonly NamedCall[],
  isStillShown: (calls: readonly NamedCall[]) => boolean,
): readonly NamedCall[] {
  const last = calls.at(-1);
  if (last === undefined || !isStillShown(calls)) return calls;
  let before = relevant(calls, isStillShown);
  let tries = 0;
  for (let piece = Math.max(1, Math.floor(before.length / 2)); tries < maxTries;) {
    const length = before.length;
    for (let at = before.length - piece; at > -piece && tries < maxTries; at -= piece) {
      const start = Math.max(0, at);
      const without = [...before.slice(0, start), ...before.slice(start + piece)];
      tries++;
      if (without.length < before.length && isStillShown([...without, last])) before = without;
    }
    if (piece === 1 && before.length === length) break;
    piece = Math.max(1, Math.floor(piece / 2));
  }
  return [...before, last];
}

/** First only the calls that touch a page, or a guest page, that the last one depends on through others. */
function relevant(
  calls: readonly NamedCall[],
  isStillShown: (calls: readonly NamedCall[]) => boolean,
): readonly NamedCall[] {
  const last = calls.at(-1);
  const before = calls.slice(0, -1);
  if (last === undefined || before.length < 8) return before;
  const touched = new Set(placesOf(last));
  const kept: NamedCall[] = [];
  for (const call of before.toReversed()) {
    const places = placesOf(call);
    if (!places.some(place => touched.has(place))) continue;
    for (const place of places) touched.add(place);
    kept.push(call);
  }
  const fewer = kept.reverse();
  return isStillShown([...fewer, last]) ? fewer : before;
}

const maxPlaces = 64;

function placesOf({ args: { hpa, gpa, vm, size } }: NamedCall): string[] {
  const pages = Math.min(maxPlaces, Math.max(1, Number(size / 4096n)));
  return Array.from({ length: pages }, (_, i) => BigInt(i) * 4096n).flatMap(offset => [
    ...(hpa === undefined ? [] : [`host ${hpa + offset}`]),
    ...(gpa === undefined ? [] : [`${vm} ${gpa + offset}`]),
  ]);
}
