import {
  LiveError,
  type LiveMachine,
  readTargetDescription,
  type TargetRegister,
} from '../../live/index.ts';
import { bytesHex, bytesOfHex } from '../../../model/bits/index.ts';
import type { Place } from './connection.ts';
import { answerMs, GdbConversation, shown } from './gdb-conversation.ts';

/** More than any description has: a stub that names more registers or files is none. */
const maxRegisters = 10_000;
const maxFiles = 100;
const maxFileBytes = 1 << 20;

/**
 * A client of a GDB stub as QEMU has it: physical memory, registers by name, hardware breakpoints. Attaching stops the
 * machine; `close` detaches, which lets it go.
 */
export class GdbClient implements LiveMachine {
  readonly #stub: GdbConversation;
  #registers: ReadonlyMap<string, TargetRegister> = new Map();
  #isPhysical = false;
  /** The longest run of memory that one packet carries. */
  #chunk = 512;

  private constructor(stub: GdbConversation) {
    this.#stub = stub;
  }

  get name(): string {
    return this.#stub.name;
  }

  /** Attaches: the machine stands still from here on. @throws LiveError where there is no stub, or one of another architecture. */
  static async attach(place: Place, architecture = 'aarch64'): Promise<GdbClient> {
    const client = new GdbClient(await GdbConversation.open(place));
    try {
      const supported = await client.#stub.command(
        'qSupported:xmlRegisters=aarch64,i386;qXfer:features:read+',
      );
      const size = Number.parseInt(/PacketSize=([0-9a-f]+)/i.exec(supported)?.[1] ?? '400', 16);
      client.#chunk = 2 ** Math.min(12, Math.max(6, Math.floor(Math.log2(size / 2))));
      await client.#describe(architecture);
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async #describe(architecture: string): Promise<void> {
    const registers = new Map<string, TargetRegister>();
    const files = new Set(['target.xml']);
    let next = 0;
    // a set gives the files that were added on the way too, and each once
    for (const file of files) {
      const description = readTargetDescription(await this.#feature(file), next);
      next = description.next;
      if (description.architecture !== undefined && description.architecture !== architecture)
        throw new LiveError(
          `${this.name}: the machine is ${description.architecture}, not ${architecture}`,
        );
      for (const register of description.registers)
        if (!registers.has(register.name)) registers.set(register.name, register);
      for (const include of description.includes) files.add(include);
      if (registers.size > maxRegisters || files.size > maxFiles)
        throw new LiveError(`${this.name}: a target description without end`);
    }
    if (registers.size === 0) throw new LiveError(`${this.name}: the stub describes no registers`);
    this.#registers = registers;
  }

  async #feature(file: string): Promise<string> {
    let text = '';
    for (;;) {
      const answer = await this.#stub.command(
        `qXfer:features:read:${file}:${text.length.toString(16)},ffb`,
      );
      if (!/^[ml]/.test(answer) || (answer === 'm' && text === ''))
        throw new LiveError(`${this.name}: no target description: ${shown(answer)}`);
      text += answer.slice(1);
      if (answer.startsWith('l')) return text;
      if (answer === 'm' || text.length > maxFileBytes)
        throw new LiveError(`${this.name}: a target description without end`);
    }
  }

  /** Attaching has stopped it already. */
  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** A stub lets its machine go where nobody is attached. */
  resume(): Promise<void> {
    return this.close();
  }

  close(): Promise<void> {
    return this.#stub.close();
  }

  /** Lets the machine run until a breakpoint, until `breakIn`, or until `timeoutMs` are over. */
  async proceed(timeoutMs: number): Promise<void> {
    const timer = setTimeout(() => {
      this.breakIn();
    }, timeoutMs);
    try {
      await this.#stub.command('c', timeoutMs + answerMs);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes `proceed` come back now. */
  breakIn(): void {
    this.#stub.breakIn();
  }

  /** One instruction. */
  async step(): Promise<void> {
    await this.#stub.command('s');
  }

  async readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined> {
    await this.#physicalMode();
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += this.#chunk) {
      const size = Math.min(this.#chunk, length - at);
      const part = await this.#bytes(`m${(address + BigInt(at)).toString(16)},${size.toString(16)}`);
      if (part?.length !== size) return undefined;
      bytes.set(part, at);
    }
    return bytes;
  }

  /** Writes physical memory. @throws LiveError where the stub refuses. */
  async writePhysical(address: bigint, bytes: Uint8Array): Promise<void> {
    await this.#physicalMode();
    // a packet holds its bytes in hex, and what it asks: half of what an answer may have
    const size = this.#chunk / 2;
    for (let at = 0; at < bytes.length; at += size) {
      const part = bytes.subarray(at, at + size);
      const to = (address + BigInt(at)).toString(16);
      await this.#stub.done(`M${to},${part.length.toString(16)}:${bytesHex(part)}`);
    }
  }

  async #physicalMode(): Promise<void> {
    if (this.#isPhysical) return;
    const answer = await this.#stub.command('Qqemu.PhyMemMode:1');
    if (answer !== 'OK')
      throw new LiveError(
        `${this.name}: the stub does not read physical memory (Qqemu.PhyMemMode): ${shown(answer)}`,
      );
    this.#isPhysical = true;
  }

  /** The bytes that answer a question; `undefined` for an error or what are no bytes. */
  async #bytes(question: string): Promise<Uint8Array | undefined> {
    const answer = await this.#stub.command(question);
    return /^E/.test(answer) ? undefined : bytesOfHex(answer);
  }

  /** The value of a register by the name that the target description gives it. */
  async readRegister(name: string): Promise<bigint> {
    const bytes = await this.#bytes(`p${this.#register(name).number.toString(16)}`);
    if (bytes === undefined || bytes.length === 0)
      throw new LiveError(`${this.name}: the register ${name} cannot be read`);
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  async writeRegister(name: string, value: bigint): Promise<void> {
    const { number, bits } = this.#register(name);
    const bytes = Uint8Array.from({ length: bits / 8 }, (_, at) =>
      Number((value >> BigInt(8 * at)) & 0xffn),
    );
    await this.#stub.done(`P${number.toString(16)}=${bytesHex(bytes)}`);
  }

  hasRegister(name: string): boolean {
    return this.#registers.has(name);
  }

  #register(name: string): TargetRegister {
    const register = this.#registers.get(name);
    if (register === undefined) throw new LiveError(`${this.name}: the machine has no register ${name}`);
    return register;
  }

  /** Sets, or with `isOn` false removes, a hardware breakpoint at a virtual address. */
  breakpoint(address: bigint, isOn: boolean): Promise<void> {
    return this.#stub.done(`${isOn ? 'Z' : 'z'}1,${address.toString(16)},4`);
  }
}
