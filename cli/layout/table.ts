import {
  type Change,
  changesBetween,
  namedPlaces,
  type Place,
  type StructHistory,
  type StructRevision,
} from '../../model/bits/index.ts';

/** `40` or `8..31` in bytes, `32 bit 0` or `32 bits 31:1` for a bit field. */
function placeText({ offset, size, bits }: Place): string {
  if (bits !== undefined)
    return `${offset} ${bits.hi === bits.lo ? `bit ${bits.lo}` : `bits ${bits.hi}:${bits.lo}`}`;
  return size > 1 ? `${offset}..${offset + size - 1}` : String(offset);
}

const cell = (place: Place | undefined): string =>
  place === undefined ? '-' : `${placeText(place)}  ${place.type}`;

/** Lines of columns, each as wide as its widest cell. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map(row => row[at]?.length ?? 0)));
  return rows.map(row =>
    row
      .map((text, at) => text.padEnd(widths[at] ?? 0))
      .join('   ')
      .trimEnd(),
  );
}

/** Every name, in the order of the revision that has the most, the names of the others where they first appear. */
function names(revisions: readonly StructRevision[]): string[] {
  const ordered = revisions
    .map(revision => [...namedPlaces(revision)].map(([name, place]) => ({ name, offset: place.offset })))
    .sort((a, b) => b.length - a.length);
  const seen = new Map<string, number>();
  for (const { name, offset } of ordered.flat()) if (!seen.has(name)) seen.set(name, offset);
  return [...seen].sort(([, a], [, b]) => a - b).map(([name]) => name);
}

/** One row a member, one column a revision. */
export function comparison(revisions: readonly StructRevision[]): string[] {
  const places = revisions.map(namedPlaces);
  return columns([
    ['', ...revisions.map(({ revision }) => revision)],
    ['sizeof', ...revisions.map(({ table }) => String(table.size))],
    ...names(revisions).map(name => [name, ...places.map(of => cell(of.get(name)))]),
  ]);
}

function changeText({ name, kinds, before, after }: Change): string {
  if (before === undefined) return `${name}: new, at ${after === undefined ? '' : placeText(after)}`;
  if (after === undefined) return `${name}: gone, was at ${placeText(before)}`;
  const label = kinds.includes('renamed') ? `${before.path} is now ${after.path}` : after.path;
  const moved = kinds.includes('moved') || kinds.includes('resized');
  const place = moved ? `${placeText(before)} -> ${placeText(after)}` : `stays at ${placeText(after)}`;
  return `${label}: ${place}`;
}

/** What moved where from each revision to the next. */
export function changeLines({ revisions }: StructHistory): string[] {
  return revisions.slice(1).flatMap((after, i) => {
    const before = revisions[i];
    if (before === undefined) return [];
    const changes = changesBetween(before, after);
    return [
      '',
      `${before.revision} -> ${after.revision} (${after.about}):`,
      ...changes.map(c => `  ${changeText(c)}`),
    ];
  });
}
