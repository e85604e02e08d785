import { type Arm64Kernel, attributesOf } from '../../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../../model/memory/index.ts';
import type { AddressRange } from '../../../model/pkvm/index.ts';
import { hostMeaningOf } from './meaning.ts';
import type { Stage2Reading } from './read-stage2.ts';
import { firstPageOf } from './records.ts';

const pageBytes = 4096n;

/**
 * What is RAM where nobody said so. It begins with the page of the first record, if only one fits the host's table; it
 * ends behind the last page that the hypervisor keeps from the host, which is at least as far as RAM reaches.
 */
export function ramFrom(
  memory: PhysicalMemory,
  host: Stage2Reading,
  kernel: Arm64Kernel,
  vmemmap: bigint,
): AddressRange | undefined {
  const kept = keptPages(host, kernel);
  if (kept === undefined) return undefined;
  const start = firstPageOf(memory, vmemmap, kept);
  const last = kept.at(-1);
  return start === undefined || last === undefined ? undefined : { start, end: last + pageBytes };
}

/**
 * Where there are no records: from the first to the last page that the host's table annotates or maps executable, as it
 * does RAM and never devices. What lies outside is 0 there, which says nothing of anybody.
 */
export function ramMapped({ leaves }: Stage2Reading): AddressRange | undefined {
  const speaking = leaves.filter(({ isValid, word }) =>
    isValid ? attributesOf(word).executeEl1 : word !== 0n,
  );
  if (speaking.length === 0) return undefined;
  const start = speaking.reduce((least, { ipa }) => (ipa < least ? ipa : least), speaking[0]?.ipa ?? 0n);
  const end = speaking.reduce((most, { ipa, size }) => (ipa + size > most ? ipa + size : most), 0n);
  return { start, end };
}

/** More than any hypervisor keeps to itself, 16 GByte: a table that says so is not one of pKVM. */
const maxKept = 2 ** 22;

/** The pages that the host's table annotates as the hypervisor's, or maps read-only as it does hypervisor text, in order. */
function keptPages({ leaves }: Stage2Reading, kernel: Arm64Kernel): bigint[] | undefined {
  const pages: bigint[] = [];
  for (const leaf of leaves) {
    const meaning = hostMeaningOf(leaf, kernel);
    const isKept = meaning.kind === 'hypervisor' || (meaning.kind === 'mapped' && meaning.isReadOnly);
    if (!isKept) continue;
    if (pages.length + Number(leaf.size / pageBytes) > maxKept) return undefined;
    for (let offset = 0n; offset < leaf.size; offset += pageBytes) pages.push(leaf.ipa + offset);
  }
  return pages.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}
