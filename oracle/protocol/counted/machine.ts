import type { CountedGuest, CountedMachineFacts } from '../../counted/index.ts';
import type { MachineInput } from '../machine.ts';
import { machineFrom } from '../machine.ts';

const kinds: Readonly<Record<string, boolean | undefined>> = { protected: true, normal: false };

/** The machine that was described, as implementations that count take it; or what makes no sense in it. */
export function countedMachineFrom(input: MachineInput): CountedMachineFacts | string {
  const machine = machineFrom(input);
  if (typeof machine === 'string') return machine;
  const { ram, hypervisor = [], vms, initially } = machine;
  const { pageSizes, ipaBits, xnx } = input;
  const blocks = ram === 'any' ? [] : [...ram].sort((a, b) => (a.start < b.start ? -1 : 1));
  const odd = [...blocks, ...hypervisor].find(({ start, end }) => (start | end) % 0x1000n !== 0n);
  if (odd !== undefined)
    return `memory is whole pages: 0x${odd.start.toString(16)} is not where one begins or ends`;
  const meets = blocks.find(({ start }, at) => start < (blocks[at - 1]?.end ?? 0n));
  if (meets !== undefined) return `two ranges of RAM overlap at 0x${meets.start.toString(16)}`;
  const outside = hypervisor.find(
    ({ start, end }) => ram !== 'any' && !blocks.some(block => start >= block.start && end <= block.end),
  );
  if (outside !== undefined)
    return `what is the hypervisor's own is RAM: 0x${outside.start.toString(16)} is none`;
  return {
    ram: ram === 'any' ? ram : blocks,
    hypervisor,
    initially,
    vms:
      vms === 'any'
        ? vms
        : vms.map(({ id, kind, isFinalized, handle, isDying }): CountedGuest => ({
            id,
            isProtected: kinds[kind],
            isFinalized,
            isDying,
            handle,
          })),
    ...(pageSizes === undefined ? {} : { pageSizes: pageSizes.map(size => bytesOf[size]) }),
    ...(ipaBits === undefined ? {} : { ipaBits }),
    ...(xnx === undefined ? {} : { hasXnx: xnx }),
  };
}

const bytesOf = { '4K': 0x1000n, '2M': 0x20_0000n, '1G': 0x4000_0000n } as const;
