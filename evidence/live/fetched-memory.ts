import type { PhysicalMemory } from '../../model/memory/index.ts';
import type { LiveMachine } from './machine.ts';

const pageBytes = 4096n;

/**
 * Runs a computation over the memory of a machine that stands still, fetching just the pages that it reads: the
 * computation is run, and run again with what it missed, until it misses nothing. Words that the machine does not have
 * stay unknown. What the computation throws counts only once nothing is missing.
 *
 * @param compute pure: what it returns depends on the words that it reads alone
 */
export async function overMachine<T>(
  machine: Pick<LiveMachine, 'readPhysical'>,
  compute: (memory: PhysicalMemory) => T,
): Promise<{ readonly result: T; readonly pages: number }> {
  const pages = new Map<bigint, DataView | undefined>();
  for (;;) {
    const wanted = new Set<bigint>();
    const read = (address: bigint): bigint | undefined => {
      const page = address - (address % pageBytes);
      if (!pages.has(page)) wanted.add(page);
      return pages.get(page)?.getBigUint64(Number(address % pageBytes), true);
    };
    let ended: { readonly ok: true; readonly result: T } | { readonly ok: false; readonly error: unknown };
    try {
      ended = { ok: true, result: compute({ read }) };
    } catch (error) {
      ended = { ok: false, error };
    }
    if (wanted.size === 0) {
      if (!ended.ok) throw ended.error;
      return { result: ended.result, pages: pages.size };
    }
    for (const page of wanted) {
      const bytes = await machine.readPhysical(page, Number(pageBytes));
      const isWhole = bytes?.length === Number(pageBytes);
      pages.set(page, isWhole ? new DataView(bytes.buffer, bytes.byteOffset, bytes.length) : undefined);
    }
  }
}

/** Stops the machine for the time of `work`, lets it go whatever happens, and says how long it stood still. */
export async function whileStopped<T>(
  machine: LiveMachine,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly stoppedMs: number }> {
  const start = performance.now();
  await machine.stop();
  try {
    const result = await work();
    await machine.resume();
    return { result, stoppedMs: performance.now() - start };
  } catch (error) {
    await machine.close();
    throw error;
  }
}
