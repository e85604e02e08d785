/** What a running arm64 kernel says of its own addresses. */
export interface KernelSymbols {
  /** Virtual addresses of the kernel, by symbol. */
  readonly addresses: ReadonlyMap<string, bigint>;
  /** The physical address of the kernel's code, where `_text` or `_stext` lies. */
  readonly code: bigint;
  /** Where the hypervisor's pool begins, with hyp_vmemmap first in it; where the kernel's log was given. */
  readonly pool: bigint | undefined;
}

/**
 * Finds lines of /proc/kallsyms or System.map, of /proc/iomem and of the kernel's log in any text that has them, such as
 * all that a serial line printed. `undefined` without the kernel's own start or without "Kernel code".
 */
export function readKernelSymbols(text: string): KernelSymbols | undefined {
  const addresses = new Map<string, bigint>();
  for (const [, address, name] of text.matchAll(/^([0-9a-f]{16}) [a-zA-Z] (\S+)/gm))
    if (address !== undefined && name !== undefined) addresses.set(name, BigInt(`0x${address}`));
  const code = /([0-9a-f]+)-[0-9a-f]+ : Kernel code/.exec(text)?.[1];
  if (code === undefined || textStart(addresses) === undefined) return undefined;
  const pool = /kvm \[\d+\]: Reserved \d+ MiB at (0x[0-9a-f]+)/.exec(text)?.[1];
  return {
    addresses,
    code: BigInt(`0x${code}`),
    pool: pool === undefined ? undefined : BigInt(pool),
  };
}

const textStart = (addresses: ReadonlyMap<string, bigint>): bigint | undefined =>
  addresses.get('_text') ?? addresses.get('_stext');

/** The physical address of a symbol of the kernel's image. facts/arm64-live.md 7: "phys = sym - _text + Kernel code". */
export function physicalOf({ addresses, code }: KernelSymbols, name: string): bigint | undefined {
  const [address, start] = [addresses.get(name), textStart(addresses)];
  return address === undefined || start === undefined ? undefined : address - start + code;
}
