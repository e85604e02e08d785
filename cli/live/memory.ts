import { type Command, Option } from 'commander';
import { addressHex } from '../../model/bits/index.ts';
import type { Dump } from '../../evidence/dumps/index.ts';
import { LiveError, type LiveMachine, gathered, whileStopped } from '../../evidence/live/index.ts';
import { type Place, placeIn } from '../../evidence/node/live/connection.ts';
import { GdbClient } from '../../evidence/node/live/gdb-client.ts';
import { QmpClient } from '../../evidence/node/live/qmp-client.ts';
import { CommandError, Exit } from '../exit.ts';
import { interruption } from '../interruption.ts';
import { dumpsNamed } from '../oracle/memory-flags.ts';

/** Where physical memory comes from: files, or one machine that runs. */
export interface MemoryFlags {
  readonly mem?: readonly string[];
  readonly absent?: 'zero';
  readonly gdb?: string;
  readonly qmp?: string;
}

/** Physical memory as a command reads it: a dump, or a machine that stands still. */
export type Memory = Pick<Dump, 'read' | 'notes' | 'fetch'>;

/** Adds the flags. */
export const withMemoryOptions = (command: Command): Command =>
  command
    .option(
      '--mem <file...>',
      'physical memory: JSON, or a dump of any tool that is recognised, FILE or FILE@0xADDRESS',
    )
    .addOption(new Option('--absent <value>', 'words that the dump does not hold are').choices(['zero']))
    .option(
      '--gdb <host:port>',
      'a machine that runs: its GDB stub; it is stopped for the time of the question',
    )
    .option('--qmp <place>', "a machine that runs: QEMU's machine protocol, a socket's path or HOST:PORT");

export function placeFlag(text: string, flag: string): Place {
  const place = placeIn(text);
  if (place === undefined)
    throw new CommandError(
      Exit.usage,
      `${flag} is HOST:PORT or the path of a socket, not ${JSON.stringify(text)}`,
    );
  return place;
}

/** The architecture that a GDB stub must speak of. */
export type Architecture = 'aarch64' | 'i386:x86-64';

/** What a machine is asked for beside the words that `compute` reads. */
export interface LiveNeeds {
  /** Registers, if they can be had: from a GDB stub alone. */
  readonly registers?: readonly string[];
  /** Reads the words that `compute` reads, and does nothing else: the machine stands still that much shorter. */
  readonly gather?: Compute<unknown>;
}
type Compute<T> = (memory: Memory, register: (name: string) => bigint | undefined) => T;

/**
 * Runs `compute` over the memory that the flags name. A machine stands still while it is asked, and is let go again on
 * errors and on Ctrl-C too.
 *
 */
export async function overMemory<T>(
  flags: MemoryFlags,
  architecture: Architecture,
  compute: Compute<T>,
  { registers = [], gather = compute }: LiveNeeds = {},
): Promise<{ readonly result: T; readonly memory: Memory }> {
  const named = [flags.mem, flags.gdb, flags.qmp].filter(flag => flag !== undefined);
  if (named.length !== 1) throw new CommandError(Exit.usage, 'one of --mem, --gdb and --qmp is needed');
  if (flags.mem !== undefined) {
    const dump = dumpsNamed(flags.mem);
    const read =
      flags.absent === 'zero' ? (at: bigint) => dump.read(at) ?? 0n : (at: bigint) => dump.read(at);
    const memory: Memory = { read, notes: dump.notes, fetch: page => dump.fetch(page) };
    return { result: compute(memory, () => undefined), memory };
  }
  if (flags.absent !== undefined) throw new CommandError(Exit.usage, '--absent goes with --mem');
  const signal = interruption();
  try {
    const machine = await attached(flags, architecture);
    return await withLettingGo(machine, signal, () => overLive(machine, compute, registers, gather));
  } catch (error) {
    if (error instanceof LiveError) throw new CommandError(Exit.badInput, error.message);
    throw error;
  }
}

async function attached({ gdb, qmp }: MemoryFlags, architecture: Architecture): Promise<LiveMachine> {
  if (gdb !== undefined) return GdbClient.attach(placeFlag(gdb, '--gdb'), architecture);
  return QmpClient.attach(placeFlag(qmp ?? '', '--qmp'));
}

/** Lets the machine go at the end, on errors, and on Ctrl-C, which ends the command as partial. */
export async function withLettingGo<T>(
  machine: LiveMachine,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const interrupted = new Promise<never>((_, reject) => {
    const stop = (): void => {
      reject(new CommandError(Exit.partial, `interrupted: ${machine.name} was let go`));
    };
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work(), interrupted]);
  } finally {
    await machine.close();
  }
}

async function overLive<T>(
  machine: LiveMachine,
  compute: Compute<T>,
  names: readonly string[],
  gather: Compute<unknown>,
): Promise<{ readonly result: T; readonly memory: Memory }> {
  const notes: string[] = [];
  const fetch = (page: bigint): string => `${machine.name} has no memory at ${addressHex(page)}`;
  const registers = new Map<string, bigint>();
  const register = (name: string): bigint | undefined => registers.get(name);
  const { result, stoppedMs } = await whileStopped(machine, async () => {
    if (machine instanceof GdbClient)
      for (const name of names.filter(one => machine.hasRegister(one)))
        registers.set(name, await machine.readRegister(name));
    return gathered(machine, at => gather({ read: address => at.read(address), notes, fetch }, register));
  });
  notes.push(
    `${machine.name}: ${result.pages} pages were fetched; the machine stood still for ${Math.round(stoppedMs)} ms`,
  );
  const memory: Memory = { read: address => result.memory.read(address), notes, fetch };
  return { result: compute(memory, register), memory };
}
