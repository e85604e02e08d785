import type { PhysicalMemory } from '../../model/memory/index.ts';
import type { LiveMachine } from './machine.ts';

const pageBytes = 4096n;

/** Words of a machine, a page at a time as they were fetched; reading one that was not makes it wanted. */
class FetchedPages implements PhysicalMemory {
  readonly pages = new Map<bigint, DataView | undefined>();
  readonly wanted = new Set<bigint>();

  read(address: bigint): bigint | undefined {
    const page = address - (address % pageBytes);
    if (!this.pages.has(page)) this.wanted.add(page);
    return this.pages.get(page)?.getBigUint64(Number(address % pageBytes), true);
  }

  async fetch(machine: Pick<LiveMachine, 'readPhysical'>): Promise<void> {
    for (const page of this.wanted) {
      const bytes = await machine.readPhysical(page, Number(pageBytes));
      const isWhole = bytes?.length === Number(pageBytes);
      this.pages.set(
        page,
        isWhole ? new DataView(bytes.buffer, bytes.byteOffset, bytes.length) : undefined,
      );
    }
    this.wanted.clear();
  }
}

/**
 * Fetches the pages that a computation reads from a machine that stands still: it is run, and run again with what it
 * missed, until it misses nothing. Words that the machine does not have stay unknown. What it throws counts only once
 * nothing is missing.
 *
 * @param gather pure: what it reads depends on the words that it has read alone
 */
export async function gathered(
  machine: Pick<LiveMachine, 'readPhysical'>,
  gather: (memory: PhysicalMemory) => unknown,
): Promise<{ readonly memory: PhysicalMemory; readonly pages: number }> {
  const memory = new FetchedPages();
  for (;;) {
    let thrown: { readonly error: unknown } | undefined;
    try {
      gather(memory);
    } catch (error) {
      thrown = { error };
    }
    if (memory.wanted.size === 0) {
      if (thrown !== undefined) throw thrown.error;
      return { memory, pages: memory.pages.size };
    }
    await memory.fetch(machine);
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
