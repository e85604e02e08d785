import { writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { LiveError, type KernelSymbols } from '../../evidence/live/index.ts';
import type { Place } from '../../evidence/node/live/connection.ts';
import { type ConformanceRun, makeCalls } from '../../evidence/node/live/conformance.ts';
import { conformanceAt } from '../../evidence/node/live/conformance-setup.ts';
import { GdbClient } from '../../evidence/node/live/gdb-client.ts';
import { Hypervisor } from '../../evidence/node/live/hypervisor.ts';
import { SharedMemory } from '../../evidence/node/live/shared-memory.ts';
import { arm64Recorded } from '../../evidence/records/arm64-live.ts';
import { CommandError, Exit } from '../exit.ts';
import { interruption } from '../interruption.ts';
import { reportRecording } from '../oracle/check-recording.ts';
import { addressIn } from '../oracle/memory-flags.ts';
import { wholeNumber } from '../whole-number.ts';
import { placeFlag, withLettingGo } from './memory.ts';
import { symbolsIn } from './symbols.ts';

interface Flags {
  readonly gdb: string;
  readonly symbols: string;
  readonly iOwnThisMachine?: true;
  readonly vm: 'normal' | 'protected';
  readonly pages: string;
  readonly gfns: string;
  readonly handle: string;
  readonly calls: number;
  readonly seed: number;
  readonly skip: number;
  readonly seconds: number;
  readonly memory?: string;
  readonly out?: string;
  readonly json?: true;
}

const help = `
The machine is let run until a vCPU asks for a page, --skip pages later than the first, so that the guest's tables are
there. Where it stands, generated calls of the hypervisor's own functions are made by hand: registers are set, the function
runs to its end, and what it answers and what it did to pages, leaves and contents is recorded. Then everything is
put back, the machine goes on, and the recording is held against the model as "oracle check" does (--out keeps it).

It writes to the machine: --i-own-this-machine says that it was started for this, and only one on this computer is taken.
512 MBytes of memory at 1 GByte, one processor, a kernel from 7.3 on. --pages are pages of the host that nobody uses, --gfns
frames of the guest that have a table and no page. Calls that panic are not made (docs/facts/arm64-record.md 5).`;

/** Where a vCPU asks for a page, and the register that points to the vCPU. */
const sites = {
  normal: { fn: '__pkvm_host_share_guest', vm: 'N', vcpuRegister: 'x3' },
  protected: { fn: '__pkvm_host_donate_guest', vm: 'P', vcpuRegister: 'x2' },
} as const;

export const conformanceCommand = (): Command =>
  new Command('conformance')
    .description("Makes generated calls of pKVM's page functions by hand and compares them with the model")
    .requiredOption('--gdb <host:port>', 'the GDB stub of the machine, on this computer')
    .requiredOption('--symbols <file>', "the kernel's symbols and where its code lies")
    .option('--i-own-this-machine', 'the machine was started for this and may be written to')
    .option('--vm <kind>', 'the kind of VM whose vCPU is waited for: normal or protected', 'protected')
    .requiredOption('--pages <pfns>', 'up to five page numbers, 0x424b0,0x424b1')
    .requiredOption('--gfns <gfns>', 'frame numbers, 0x80008,0x80009')
    .option('--handle <number>', 'the handle of the VM', '0x1000')
    .option('--calls <n>', 'how many', wholeNumber, 500)
    .option('--seed <n>', 'which calls', wholeNumber, 1)
    .option('--skip <n>', 'pages that the vCPU gets before', wholeNumber, 2)
    .option('--seconds <n>', 'how long to wait for it', wholeNumber, 60)
    .option('--memory <file>', "the machine's memory where it shares it in a file: faster than the stub")
    .option('--out <file>', 'writes the recording')
    .option('--json', 'one JSON object')
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      const signal = interruption();
      const place = ownPlace(flags);
      const symbols = symbolsIn(flags.symbols);
      try {
        const gdb = await GdbClient.attach(place);
        const run = await withLettingGo(gdb, signal, () => conform(gdb, symbols, flags, signal));
        report(run, flags);
        if (signal.aborted) process.exitCode = Exit.partial;
      } catch (error) {
        if (error instanceof LiveError) throw new CommandError(Exit.badInput, error.message);
        throw error;
      }
    });

/** A machine on this computer that may be written to. */
function ownPlace({ gdb, iOwnThisMachine }: Flags): Place {
  const place = placeFlag(gdb, '--gdb');
  if (iOwnThisMachine !== true)
    throw new CommandError(
      Exit.usage,
      'this writes to the machine: --i-own-this-machine says that it was started for it',
    );
  const isHere = place.kind !== 'tcp' || /^(?:127(?:\.\d{1,3}){3}|localhost|::1)$/.test(place.host);
  if (!isHere)
    throw new CommandError(Exit.usage, `--gdb ${gdb} is not on this computer: it is not written to`);
  return place;
}

const numbersIn = (text: string, flag: string): bigint[] =>
  text.split(',').map(number => addressIn(number, flag));

async function conform(
  gdb: GdbClient,
  symbols: KernelSymbols,
  flags: Flags,
  signal: AbortSignal,
): Promise<ConformanceRun> {
  const [first, ...others] = numbersIn(flags.gfns, '--gfns');
  if (first === undefined) throw new CommandError(Exit.usage, '--gfns names no frame');
  if (!(flags.vm in sites))
    throw new CommandError(Exit.usage, `--vm is normal or protected, not ${flags.vm}`);
  const site = sites[flags.vm];
  const hypervisor = await Hypervisor.find(gdb, symbols);
  await waitFor(hypervisor, site.fn, flags);
  const shared =
    flags.memory === undefined
      ? undefined
      : new SharedMemory(flags.memory, arm64Recorded.memblocks[0].start);
  try {
    const setup = await conformanceAt(hypervisor, {
      ...site,
      handle: Number(addressIn(flags.handle, '--handle')),
      pfns: numbersIn(flags.pages, '--pages'),
      gfns: [first, ...others],
      ...(shared === undefined ? {} : { look: compute => Promise.resolve(compute(shared)) }),
    });
    return await makeCalls(hypervisor, { ...setup, calls: flags.calls, seed: flags.seed, signal });
  } finally {
    shared?.close();
  }
}

/** Lets the machine run to the entry of the function, so many times after the first. */
async function waitFor(
  hypervisor: Hypervisor,
  fn: (typeof sites)[keyof typeof sites]['fn'],
  { skip, seconds }: Flags,
): Promise<void> {
  const missing = await hypervisor.follow([fn]);
  if (missing.length > 0)
    throw new LiveError(
      `${hypervisor.gdb.name}: the kernel has no ${fn}: calls are made by hand from 7.3 on`,
    );
  const deadline = performance.now() + seconds * 1000;
  for (let entered = 0; entered <= skip;) {
    const left = deadline - performance.now();
    if (left <= 0) throw new LiveError(`${hypervisor.gdb.name}: ${fn} was not called in ${seconds} s`);
    const event = await hypervisor.next(left);
    if (event !== undefined && 'entered' in event) entered++;
  }
  await hypervisor.unfollow();
}

function report(run: ConformanceRun, flags: Flags): void {
  if (flags.out !== undefined) writeFileSync(flags.out, run.lines.map(line => `${line}\n`).join(''));
  const rate = (run.calls / run.seconds).toFixed(0);
  console.error(`pagewarden: ${run.calls} calls in ${run.seconds.toFixed(1)} s, ${rate} a second`);
  reportRecording(
    { name: flags.out ?? 'calls', lines: run.lines },
    flags.json === true ? { json: true } : {},
  );
  if (run.left.length === 0) return;
  console.error(`pagewarden: not put back: ${run.left.join(', ')}`);
  process.exitCode = Exit.forbidden;
}
