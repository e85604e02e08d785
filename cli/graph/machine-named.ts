import { type MachineEntry, machines } from '../../machines/index.ts';
import { CommandError, Exit } from '../exit.ts';

/** @throws CommandError for a name that is no machine. */
export function machineNamed(name: string): MachineEntry {
  const entry = machines.find(known => known.name === name);
  if (entry !== undefined) return entry;
  const known = machines.map(machine => machine.name).join(', ');
  throw new CommandError(Exit.usage, `there is no machine ${name}; there are ${known}`);
}
