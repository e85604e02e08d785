import type { AddressRange } from '../../model/pkvm/index.ts';
import type { Dump } from '../../evidence/dumps/index.ts';
import { openDumps } from '../../evidence/node/open-dump.ts';
import { CommandError, Exit } from '../exit.ts';

/** A 64-bit number on the command line, in hex. */
export function addressIn(text: string, flag: string): bigint {
  if (!/^0x[0-9a-fA-F]{1,16}$/.test(text))
    throw new CommandError(
      Exit.usage,
      `${flag} is a hex number such as 0x10001e, not ${JSON.stringify(text)}`,
    );
  return BigInt(text);
}

/** `--ram 0x0-0x200000`. */
export function ramIn(texts: readonly string[] | undefined): readonly AddressRange[] | undefined {
  return texts?.map(text => {
    const [start = '', end = ''] = text.split('-', 2);
    const range = { start: addressIn(start, '--ram START-END'), end: addressIn(end, '--ram START-END') };
    if (range.end <= range.start) throw new CommandError(Exit.usage, `--ram ${text} ends before it begins`);
    return range;
  });
}

/** `--guest 2=0x10501e`. */
export function guestsIn(
  texts: readonly string[] = [],
): readonly { readonly id: number; readonly eptp: bigint }[] {
  return texts.map(text => {
    const [id = '', eptp = ''] = text.split('=', 2);
    if (!/^\d{1,7}$/.test(id))
      throw new CommandError(Exit.usage, `--guest is ID=EPTP such as 2=0x10501e, not ${text}`);
    return { id: Number(id), eptp: addressIn(eptp, '--guest ID=EPTP') };
  });
}

/** The dumps that `--mem` names, as one. */
export function dumpsNamed(names: readonly string[]): Dump {
  const opened = openDumps(names);
  if (!opened.ok) throw new CommandError(Exit.badInput, opened.why);
  return opened.dump;
}
