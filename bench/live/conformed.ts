import { type Look, makeCalls } from '../../evidence/node/live/conformance.ts';
import { conformanceAt } from '../../evidence/node/live/conformance-setup.ts';
import type { RecordingReport } from '../../oracle/counted/index.ts';
import { judgedLines } from './judged-lines.ts';
import { guestStart, type Stop } from './lives.ts';
import type { Machine } from './machine.ts';

/** A run of calls made by hand, and what the oracle says of it. */
export interface ConformedRun {
  readonly vm: 'normal' | 'protected';
  readonly calls: number;
  readonly seconds: number;
  readonly left: readonly string[];
  readonly report: RecordingReport;
  readonly lines: readonly string[];
}

/** Where calls are made by hand: when a guest's third page is asked for, its tables and its vCPU are there. */
const sites = {
  __pkvm_host_share_guest: { vm: 'N', name: 'normal', vcpuRegister: 'x3' },
  __pkvm_host_donate_guest: { vm: 'P', name: 'protected', vcpuRegister: 'x2' },
} as const;
const third = 3;
const callsOfARun = 300;

/** Makes generated calls by hand in both lives and holds each against the model. */
export class Conformed {
  readonly runs: ConformedRun[] = [];
  readonly #machine: Machine;
  readonly #look: Look;
  readonly #say: (line: string) => void;

  constructor(machine: Machine, look: Look, say: (line: string) => void) {
    this.#machine = machine;
    this.#look = look;
    this.#say = say;
  }

  async atEntry(fn: string, nth: number, { hypervisor, guest }: Stop): Promise<void> {
    if (nth !== third || guest === undefined || !(fn in sites)) return;
    const site = sites[fn as keyof typeof sites];
    const setup = await conformanceAt(hypervisor, {
      ...site,
      handle: guest.handle,
      pfns: this.#unusedPages(),
      gfns: [8n, 9n, 10n, 11n].map(at => guestStart / 4096n + at) as [bigint, ...bigint[]],
      look: this.#look,
    });
    const run = await makeCalls(hypervisor, { ...setup, calls: callsOfARun, seed: this.runs.length + 1 });
    const report = judgedLines(run.lines, 'arm64-mainline');
    this.runs.push({ ...run, vm: site.name, report });
    const { allowed, forbidden, unknown } = report.summary;
    this.#say(
      `  ${run.calls} calls by hand in the ${site.name} life: ${allowed} as the model says, ${forbidden} not, ${unknown} unknown; ${(run.calls / run.seconds).toFixed(0)} a second`,
    );
  }

  /** The pages of our program that no guest touches, as it printed them last. */
  #unusedPages(): readonly bigint[] {
    const found = new Map<number, bigint>();
    for (const [, page, pfn] of this.#machine.text.matchAll(/^ {3}page (\d+) va \S+ pfn (0x[0-9a-f]+)$/gm))
      found.set(Number(page), BigInt(pfn ?? '0'));
    return [8, 9, 10, 11, 12].flatMap(page => found.get(page) ?? []);
  }
}
