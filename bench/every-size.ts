import { prove, verdictsOf } from '../checker/index.ts';
import { guardedPage } from '../systems/guarded-page/index.ts';
import { hypercallSmp } from '../systems/hypercall-smp/index.ts';
import { isolation } from '../systems/isolation/index.ts';
import { ownership } from '../systems/ownership/index.ts';
import type { SystemFamily } from '../systems/index.ts';

/**
 * The proofs for every size that take longer than a test may: every profile whose options make another system, the
 * number of kinds held against the pinned one. Exits 1 where a sentence is worth less than it was, or a number differs.
 */
interface Pinned {
  readonly family: SystemFamily;
  readonly profile: string;
  /** Kinds of pairs, once the candidate is closed. */
  readonly kinds: number;
  /** Wider tuples that a sentence needs excluded. */
  readonly excluded: number;
  readonly because: string;
  /** Sentences that are not proven, by kind and id. */
  readonly isOpen?: readonly string[];
}

const closed = 'all pairs of atoms that a sequence of calls brings together in some size, up to renaming';
const life = `${closed}; what a VM is in the middle of is told by three slots`;

const proofs: readonly Pinned[] = [
  { family: ownership, profile: '1p1g1k', kinds: 96, excluded: 0, because: closed },
  { family: ownership, profile: '2p2g2k', kinds: 173, excluded: 0, because: `${closed}; two grants` },
  { family: isolation, profile: 'cache', kinds: 525, excluded: 0, because: closed },
  { family: isolation, profile: '2g', kinds: 244, excluded: 0, because: closed },
  { family: isolation, profile: '2c', kinds: 455, excluded: 0, because: closed },
  { family: isolation, profile: 'pins', kinds: 685, excluded: 0, because: closed },
  { family: isolation, profile: 'mmio', kinds: 626, excluded: 0, because: closed },
  {
    family: isolation,
    profile: 'life-2c',
    kinds: 444,
    excluded: 5,
    because: life,
    isOpen: ['recoverable I17'],
  },
  {
    family: isolation,
    profile: 'life',
    kinds: 1030,
    excluded: 8,
    because: life,
    isOpen: ['recoverable', 'recoverable I17'],
  },
  {
    family: hypercallSmp,
    profile: '2p2g',
    kinds: 4022,
    excluded: 0,
    because: `${closed}: where each of two CPUs is in its call`,
    isOpen: ['recoverable'],
  },
  {
    family: guardedPage,
    profile: 'nobody',
    kinds: 1769,
    excluded: 346,
    because: `${closed}; between two steps of a call three words of a page belong together`,
    isOpen: ['recoverable'],
  },
];

/** One proof, in a line; whether it is what it was. */
async function held({ family, profile, kinds, excluded, because, isOpen }: Pinned): Promise<boolean> {
  const sized = family.sized?.(family.profiles.find(({ name }) => name === profile)?.parameters ?? {});
  if (sized === undefined) throw new RangeError(`${family.name}/${profile} is of one size`);
  const from = process.cpuUsage();
  const proof = await prove(sized);
  const { user, system } = process.cpuUsage(from);
  const asked = verdictsOf(proof).filter(({ kind }) => kind !== 'sometimes');
  const open = asked.filter(({ label }) => label !== 'every size');
  const found = [proof.candidates.pairs.size, proof.refuter.exclusions.size];
  const isPinned = found.join() === [kinds, excluded].join();
  console.log(
    `${family.name}/${profile}: ${asked.length - open.length} of ${asked.length} sentences for every size, ${found[0]} kinds, ${found[1]} wider tuples excluded, ${((user + system) / 1e6).toFixed(1)} CPU s`,
  );
  if (!isPinned) console.log(`  pinned at ${kinds} kinds and ${excluded} wider tuples: ${because}`);
  for (const { name, label, why } of open) console.log(`  ${label}: ${name}: ${why ?? ''}`);
  return (
    isPinned && open.map(({ id, kind }) => `${kind} ${id ?? ''}`.trim()).join() === (isOpen ?? []).join()
  );
}

const wanted = process.argv.slice(2);
let wrong = 0;
for (const proof of proofs) {
  const name = `${proof.family.name}/${proof.profile}`;
  if (wanted.length > 0 && !wanted.some(prefix => name.startsWith(prefix))) continue;
  if (!(await held(proof))) wrong++;
}
process.exitCode = wrong === 0 ? 0 : 1;
