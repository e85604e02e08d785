import { placesFrom, tablesBytes, type VectorPlaces } from '../walk-vectors/places.ts';

/** What the hypervisor keeps for itself: the BIOS and the boot sector, and its image with its own data. */
const taken: readonly (readonly [string, bigint, bigint])[] = [
  ['the first MByte', 0n, 0x10_0000n],
  ["the hypervisor's image", 0x80_0000n, 0xa0_0000n],
];
/** Memory that every computer with this BIOS has. */
const memoryEnd = 0x100_0000n;

/** The places that a case is fitted to where nothing else is asked for: any processor of 40 address bits or more. */
export const bootPlaces: VectorPlaces = {
  maxphyaddr: 40,
  gpa: 0x80_c0a0_7000n,
  at: placesFrom(0x21_0000n, { '4K': 0x23_0000n, '2M': 0x40_0000n, '1G': 0n }),
};

/** The three pages of 4 KBytes that a leaf of each size maps at the guest-physical address. */
export const targetsOf = ({ gpa, at: { page } }: VectorPlaces): readonly bigint[] => [
  page['4K'],
  page['2M'] + (gpa % 0x20_0000n),
  page['1G'] + (gpa % 0x4000_0000n),
];

/** The pages beside the tables that a walk writes: the page-modification log and the #VE information. */
export const logOf = ({ at }: VectorPlaces): bigint => at.ept[4] + tablesBytes;
export const veInfoOf = (places: VectorPlaces): bigint => logOf(places) + 0x1000n;

/** All pages of tables. */
export const tablePagesOf = (places: VectorPlaces): readonly bigint[] => {
  const { ept, sppt } = places.at;
  const levels = [4, 3, 2, 1] as const;
  return [
    ...levels.map(level => ept[level]),
    ...levels.map(level => sppt[level]),
    logOf(places),
    veInfoOf(places),
  ];
};

/** Why the hypervisor cannot run its cases at these places; `undefined` where it can. */
export function unbootable(places: VectorPlaces): string | undefined {
  if (places.gpa < 2n ** 39n)
    return `the first 512 GByte are the guest's own: the guest-physical address is 0x8000000000 or more`;
  if (places.gpa >= 2n ** BigInt(places.maxphyaddr))
    return `a guest-physical address has at most ${places.maxphyaddr} bits on such a processor`;
  const used = [...tablePagesOf(places), ...targetsOf(places)].map(page => [page, page + 0x1000n] as const);
  for (const [at, [start, end]] of used.entries()) {
    const what = `the page at 0x${start.toString(16)}`;
    const whose = taken.find(([, from, to]) => start < to && end > from)?.[0];
    if (whose !== undefined) return `${what} lies in ${whose}`;
    if (end > memoryEnd) return `${what} lies above 16 MBytes`;
    if (used.slice(at + 1).some(([other]) => other === start)) return `${what} is used twice`;
  }
  return undefined;
}
