import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Stage2, stage2Of } from '../../../model/arm64/index.ts';

/**
 * A machine at one moment, as it was captured from unmodified kernels under emulation (facts/arm64-live.md 9): the words
 * that are not zero of every page of the host's and the guest's tables, and of hyp_vmemmap.
 */
export interface Capture {
  readonly host: Stage2;
  readonly guest: { readonly handle: number; readonly stage2: Stage2 };
  readonly vmemmap: bigint | undefined;
  /** Whether the page of that address was captured. */
  holds(address: bigint): boolean;
  readonly words: ReadonlyMap<bigint, bigint>;
}

interface CaptureFile {
  readonly host: readonly [string, string];
  readonly guest: readonly [string, string, string];
  readonly vmemmap?: string;
  readonly pages: readonly string[];
  readonly words: Readonly<Record<string, string>>;
}

function tableOf(vttbr: string, vtcr: string): Stage2 {
  const result = stage2Of(BigInt(vttbr), BigInt(vtcr));
  if (!result.ok) throw new Error(result.why);
  return result.stage2;
}

export function readCapture(name: '7.3.4-protected' | '6.12-normal'): Capture {
  const file = JSON.parse(
    readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8'),
  ) as CaptureFile;
  const pages = new Set(file.pages.map(BigInt));
  const [handle, vttbr, vtcr] = file.guest;
  return {
    host: tableOf(...file.host),
    guest: { handle: Number(handle), stage2: tableOf(vttbr, vtcr) },
    vmemmap: file.vmemmap === undefined ? undefined : BigInt(file.vmemmap),
    holds: address => pages.has(address - (address % 4096n)),
    words: new Map(Object.entries(file.words).map(([at, word]) => [BigInt(at), BigInt(word)])),
  };
}
