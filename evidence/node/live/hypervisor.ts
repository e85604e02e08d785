import {
  type KernelSymbols,
  LiveError,
  physicalOf,
  type PkvmCall,
  type PkvmFunction,
  pkvmFunctionNames,
  pkvmFunctions,
} from '../../live/index.ts';
import type { GdbClient } from './gdb-client.ts';

const mask64 = 2n ** 64n - 1n;
const registerNames = [...Array.from({ length: 31 }, (_, at) => `x${at}`), 'sp', 'pc', 'cpsr'];

/** A function is entered. */
export interface PkvmEntry {
  readonly entered: PkvmFunction;
  readonly args: Readonly<Record<string, bigint>>;
}

/** pKVM at EL2 of a machine that a GDB stub holds: its functions are followed, and called by hand. */
export class Hypervisor {
  readonly gdb: GdbClient;
  readonly symbols: KernelSymbols;
  /** Added to an address of EL2 it gives the physical one: `hyp_physvirt_offset`. */
  readonly offset: bigint;
  readonly #entries = new Map<bigint, PkvmFunction>();
  readonly #stack: {
    readonly fn: PkvmFunction;
    readonly args: Record<string, bigint>;
    readonly back: bigint;
  }[] = [];
  readonly #isSet = new Set<bigint>();
  #seq = 0;

  private constructor(gdb: GdbClient, symbols: KernelSymbols, offset: bigint) {
    this.gdb = gdb;
    this.symbols = symbols;
    this.offset = offset;
  }

  /** @throws LiveError where the symbols are not those of the kernel that runs. */
  static async find(gdb: GdbClient, symbols: KernelSymbols): Promise<Hypervisor> {
    const at = physicalOf(symbols, '__kvm_nvhe_hyp_physvirt_offset');
    const bytes = at === undefined ? undefined : await gdb.readPhysical(at, 8);
    if (bytes === undefined)
      throw new LiveError(`${gdb.name}: no hyp_physvirt_offset: are the symbols this kernel's?`);
    return new Hypervisor(gdb, symbols, new DataView(bytes.buffer).getBigUint64(0, true));
  }

  /** The address at EL2 of one of the hypervisor's symbols; `undefined` where the kernel has none of that name. */
  addressOf(name: string): bigint | undefined {
    const physical = physicalOf(this.symbols, `__kvm_nvhe_${name}`);
    return physical === undefined ? undefined : (physical - this.offset) & mask64;
  }

  /** From now on calls of these functions are followed; those that the kernel lacks are returned. */
  async follow(names: readonly PkvmFunction[] = pkvmFunctionNames): Promise<readonly PkvmFunction[]> {
    const missing: PkvmFunction[] = [];
    for (const name of names) {
      const address = this.addressOf(name);
      if (address === undefined) missing.push(name);
      else {
        this.#entries.set(address, name);
        await this.#set(address, true);
      }
    }
    return missing;
  }

  async unfollow(): Promise<void> {
    for (const address of [...this.#isSet]) await this.#set(address, false);
    this.#entries.clear();
  }

  async #set(address: bigint, isOn: boolean): Promise<void> {
    if (this.#isSet.has(address) === isOn) return;
    await this.gdb.breakpoint(address, isOn);
    if (isOn) this.#isSet.add(address);
    else this.#isSet.delete(address);
  }

  /**
   * Lets the machine run to the next entry of a followed function, or return from one, or whatever else stops it.
   *
   * @returns the call where one returned, the function where one is entered, `undefined` where something else stopped it
   */
  async next(timeoutMs: number): Promise<PkvmCall | PkvmEntry | undefined> {
    await this.#stepOff();
    await this.gdb.proceed(timeoutMs);
    return this.look();
  }

  /** What the machine stands at. */
  async look(): Promise<PkvmCall | PkvmEntry | undefined> {
    const pc = await this.gdb.readRegister('pc');
    const fn = this.#entries.get(pc);
    if (fn !== undefined) {
      const args: Record<string, bigint> = {};
      for (const [at, name] of pkvmFunctions[fn].entries())
        args[name] = await this.gdb.readRegister(`x${at}`);
      const back = await this.gdb.readRegister('x30');
      this.#stack.push({ fn, args, back });
      await this.#set(back, true);
      return { entered: fn, args };
    }
    const top = this.#stack.at(-1);
    if (top?.back !== pc) return undefined;
    this.#stack.pop();
    if (!this.#stack.some(({ back }) => back === pc)) await this.#set(pc, false);
    return {
      seq: ++this.#seq,
      fn: top.fn,
      args: top.args,
      ret: resultOf(await this.gdb.readRegister('x0')),
    };
  }

  /** A stub stops again at a breakpoint that it stands on: steps over it. */
  async #stepOff(): Promise<void> {
    const pc = await this.gdb.readRegister('pc');
    if (!this.#isSet.has(pc)) return;
    await this.gdb.breakpoint(pc, false);
    await this.gdb.step();
    await this.gdb.breakpoint(pc, true);
  }

  /**
   * Calls functions of the hypervisor by hand, at the entry of one where the machine stands, and puts every register
   * back. Nothing else may be followed meanwhile.
   *
   * @param work is given `call`: the address of a function, its arguments, and what it returns in x0
   */
  async byHand<T>(
    work: (call: (name: string, ...args: readonly bigint[]) => Promise<number>) => Promise<T>,
  ): Promise<T> {
    const saved = new Map<string, bigint>();
    for (const name of registerNames) saved.set(name, await this.gdb.readRegister(name));
    const followed = [...this.#isSet];
    for (const address of followed) await this.#set(address, false);
    const back = saved.get('x30') ?? 0n;
    await this.gdb.breakpoint(back, true);
    try {
      return await work((name, ...args) => this.#call(name, args, back));
    } finally {
      await this.gdb.breakpoint(back, false);
      for (const [name, value] of saved) await this.gdb.writeRegister(name, value);
      for (const address of followed) await this.#set(address, true);
    }
  }

  async #call(name: string, args: readonly bigint[], back: bigint): Promise<number> {
    const address = this.addressOf(name);
    if (address === undefined) throw new LiveError(`${this.gdb.name}: the kernel has no function ${name}`);
    for (const [at, value] of args.entries()) await this.gdb.writeRegister(`x${at}`, value & mask64);
    await this.gdb.writeRegister('x30', back);
    await this.gdb.writeRegister('pc', address);
    await this.gdb.proceed(5_000);
    const pc = await this.gdb.readRegister('pc');
    if (pc !== back)
      throw new HandCallLost(
        `${this.gdb.name}: ${name} did not return: the machine stands at 0x${pc.toString(16)}`,
      );
    return resultOf(await this.gdb.readRegister('x0'));
  }
}

/** A call made by hand never came back: the hypervisor has panicked, or hangs. */
class HandCallLost extends LiveError {}

const resultOf = (x0: bigint): number => Number(BigInt.asIntN(32, x0));
