import {
  type Arm64Kernel,
  arm64KernelNamed,
  arm64Kernels,
  type Stage2,
  stage2Of,
} from '../../model/arm64/index.ts';
import { CommandError, Exit } from '../exit.ts';
import { addressIn } from '../oracle/memory-flags.ts';

/** The formats of tables that `audit`, `decode` and `walk` read. */
export const tableFormats = ['ept', 'arm64-stage2'] as const;
export type TableFormat = (typeof tableFormats)[number];

/** `--host VTTBR,VTCR`. */
export function stage2In(text: string | undefined, flag: string): Stage2 {
  const [vttbr, vtcr, ...more] = (text ?? '').split(',');
  if (vttbr === undefined || vtcr === undefined || more.length > 0)
    throw new CommandError(Exit.usage, `${flag} is VTTBR_EL2,VTCR_EL2 such as 0x5fa09001,0x802d3590`);
  const result = stage2Of(addressIn(vttbr, flag), addressIn(vtcr, flag));
  if (!result.ok) throw new CommandError(Exit.badInput, `${flag}: ${result.why}`);
  return result.stage2;
}

export interface NamedGuest {
  readonly handle: number;
  readonly stage2: Stage2;
}

/** `--guest HANDLE=VTTBR,VTCR`. */
export const stage2GuestsIn = (texts: readonly string[] = []): readonly NamedGuest[] => {
  const guests = texts.map(text => {
    const [handle = '', registers] = text.split('=', 2);
    const flag = '--guest HANDLE=VTTBR,VTCR';
    const value = addressIn(handle, flag);
    if (value > 0xffffn)
      throw new CommandError(Exit.usage, `${flag}: a VM handle has 16 bits, not ${handle}`);
    return { handle: Number(value), stage2: stage2In(registers, flag) };
  });
  const twice = guests.find(({ handle }, at) => guests.findIndex(other => other.handle === handle) !== at);
  if (twice !== undefined)
    throw new CommandError(Exit.usage, `--guest names the handle 0x${twice.handle.toString(16)} twice`);
  return guests;
};

/** `--kernel 7.3`, `--kernel 7.3.4`; `undefined` where it is not given. */
export function kernelIn(text: string | undefined): Arm64Kernel | undefined {
  if (text === undefined) return undefined;
  const kernel = arm64KernelNamed(text);
  if (kernel === undefined)
    throw new CommandError(
      Exit.usage,
      `--kernel ${text}: its tables have not been looked at; known: ${arm64Kernels.map(({ name }) => name).join(', ')}`,
    );
  return kernel;
}
