import { Command } from 'commander';
import {
  type KernelSymbols,
  LiveError,
  MachineEnded,
  type PkvmCall,
  pkvmCallLine,
} from '../../evidence/live/index.ts';
import { GdbClient } from '../../evidence/node/live/gdb-client.ts';
import { Hypervisor } from '../../evidence/node/live/hypervisor.ts';
import { CommandError, Exit } from '../exit.ts';
import { interruption } from '../interruption.ts';
import { wholeNumber } from '../whole-number.ts';
import { placeFlag, withLettingGo } from './memory.ts';
import { symbolsIn } from './symbols.ts';

interface Flags {
  readonly gdb: string;
  readonly symbols: string;
  readonly seconds?: number;
  readonly calls?: number;
}

const help = `
Breakpoints are set on pKVM's functions at EL2 that move pages, and each call is printed when it returns, a JSON object
a line: {"seq", "fn", argument…: "0x…", "ret"}. It ends after --seconds, after --calls, when the machine ends, or with
Ctrl-C (exit ${Exit.partial}); the machine is let go in each case. One processor: calls of several would be mixed up.

--symbols is any text that holds what /proc/kallsyms (as root, kernel.kptr_restrict = 0) and the line "Kernel code" of
/proc/iomem print.`;

export const traceCommand = (): Command =>
  new Command('trace')
    .description("Prints every call of pKVM's page functions on a running arm64 machine, with its result")
    .requiredOption('--gdb <host:port>', 'the GDB stub of the machine')
    .requiredOption('--symbols <file>', "the kernel's symbols and where its code lies")
    .option('--seconds <n>', 'ends after so many seconds', wholeNumber)
    .option('--calls <n>', 'ends after so many calls', wholeNumber)
    .addHelpText('after', help)
    .action(async (flags: Flags) => {
      const signal = interruption();
      const symbols = symbolsIn(flags.symbols);
      try {
        const gdb = await GdbClient.attach(placeFlag(flags.gdb, '--gdb'));
        await withLettingGo(gdb, signal, () =>
          trace(gdb, symbols, flags, call => console.log(pkvmCallLine(call))),
        );
      } catch (error) {
        if (error instanceof MachineEnded) return;
        if (error instanceof LiveError) throw new CommandError(Exit.badInput, error.message);
        throw error;
      }
    });

async function trace(
  gdb: GdbClient,
  symbols: KernelSymbols,
  { seconds, calls }: Flags,
  onCall: (call: PkvmCall) => void,
): Promise<void> {
  const hypervisor = await Hypervisor.find(gdb, symbols);
  const missing = await hypervisor.follow();
  if (missing.length > 0) console.error(`pagewarden: the kernel lacks ${missing.join(', ')}`);
  const deadline = performance.now() + (seconds ?? Number.POSITIVE_INFINITY) * 1000;
  for (let count = 0; count < (calls ?? Number.POSITIVE_INFINITY);) {
    const left = deadline - performance.now();
    if (left <= 0) break;
    const event = await hypervisor.next(Math.min(left, 3_600_000));
    if (event === undefined || 'entered' in event) continue;
    onCall(event);
    count++;
  }
  await hypervisor.unfollow();
}
