import {
  LiveError,
  type LiveMachine,
  MachineEnded,
  packetOf,
  PacketReader,
  readTargetDescription,
  type Received,
  type TargetRegister,
} from '../../live/index.ts';
import { Connection, type Place } from './connection.ts';

interface Waiting {
  readonly resolve: (data: string) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout | undefined;
}

const bytesOfHex = (hex: string): Uint8Array | undefined =>
  hex.length % 2 === 0 && /^[0-9a-f]*$/i.test(hex)
    ? Uint8Array.from({ length: hex.length / 2 }, (_, at) =>
        Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16),
      )
    : undefined;

const hexOf = (bytes: Uint8Array): string =>
  [...bytes].map(byte => byte.toString(16).padStart(2, '0')).join('');

/** How long a stub may take for one answer. */
const answerMs = 5_000;
const maxTries = 3;

/**
 * A client of a GDB stub as QEMU has it: physical memory, registers by name, hardware breakpoints. Attaching stops the
 * machine; `close` detaches, which lets it go.
 */
export class GdbClient implements LiveMachine {
  readonly name: string;
  readonly #connection: Connection;
  readonly #packets = new PacketReader();
  #registers: ReadonlyMap<string, TargetRegister> = new Map();
  #waiting: Waiting | undefined;
  #lastPacket = '';
  #tries = 0;
  /** Whether the answer that is waited for says why the machine stopped. */
  #asksForStop = false;
  #isPhysical = false;
  #isRunning = false;
  #ended: string | undefined;
  /** The longest run of memory that one packet carries. */
  #chunk = 512;

  private constructor(connection: Connection) {
    this.name = `gdb ${connection.name}`;
    this.#connection = connection;
    connection.listen(
      text => {
        this.#receive(text);
      },
      why => {
        this.#end(why);
      },
    );
  }

  /** Attaches: the machine stands still from here on. @throws LiveError where there is no stub or it speaks no arm64. */
  static async attach(place: Place, architecture = 'aarch64'): Promise<GdbClient> {
    const client = new GdbClient(await Connection.open(place, answerMs));
    try {
      client.#connection.send('+');
      const supported = await client.command('qSupported:xmlRegisters=aarch64,i386;qXfer:features:read+');
      const size = /PacketSize=([0-9a-f]+)/i.exec(supported)?.[1];
      if (size !== undefined)
        client.#chunk =
          2 ** Math.min(12, Math.max(6, Math.floor(Math.log2(Number.parseInt(size, 16) / 2))));
      await client.#describe(architecture);
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async #describe(architecture: string): Promise<void> {
    const registers = new Map<string, TargetRegister>();
    const files = ['target.xml'];
    let next = 0;
    for (let file = files.shift(); file !== undefined; file = files.shift()) {
      const description = readTargetDescription(await this.#feature(file), next);
      next = description.next;
      if (description.architecture !== undefined && description.architecture !== architecture)
        throw new LiveError(
          `${this.name}: the machine is ${description.architecture}, not ${architecture}`,
        );
      for (const register of description.registers)
        if (!registers.has(register.name)) registers.set(register.name, register);
      files.push(...description.includes);
      if (registers.size > 10_000) throw new LiveError(`${this.name}: a target description without end`);
    }
    if (registers.size === 0) throw new LiveError(`${this.name}: the stub describes no registers`);
    this.#registers = registers;
  }

  async #feature(file: string): Promise<string> {
    let text = '';
    for (;;) {
      const answer = await this.command(`qXfer:features:read:${file}:${text.length.toString(16)},ffb`);
      if (!/^[ml]/.test(answer))
        throw new LiveError(`${this.name}: no target description: ${shown(answer)}`);
      text += answer.slice(1);
      if (answer.startsWith('l')) return text;
      if (text.length > 1 << 20) throw new LiveError(`${this.name}: a target description without end`);
    }
  }

  /** Sends one packet and gives the answer to it. */
  command(data: string, timeoutMs: number | undefined = answerMs): Promise<string> {
    if (this.#ended !== undefined) return Promise.reject(new LiveError(this.#ended));
    if (this.#waiting !== undefined)
      return Promise.reject(new LiveError(`${this.name}: one question at a time`));
    return new Promise((resolve, reject) => {
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              this.#end(`${this.name}: no answer to ${shown(data)} in ${timeoutMs} ms`);
            }, timeoutMs);
      this.#waiting = { resolve, reject, timer };
      this.#asksForStop = data === 'c' || data === 's' || data === '?';
      this.#lastPacket = packetOf(data);
      this.#tries = 0;
      this.#connection.send(this.#lastPacket);
    });
  }

  #receive(text: string): void {
    let received: readonly Received[];
    try {
      received = this.#packets.push(text);
    } catch (error) {
      this.#end(`${this.name}: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    for (const one of received) this.#take(one);
  }

  #take(received: Received): void {
    switch (received.kind) {
      case 'ack':
        return;
      case 'nack':
        this.#again(() => {
          this.#connection.send(this.#lastPacket);
        });
        return;
      case 'damaged':
        this.#again(() => {
          this.#connection.send('-');
        });
        return;
      case 'packet': {
        this.#connection.send('+');
        if (/^[WX]/.test(received.data)) {
          this.#end(`${this.name}: the machine has ended`, MachineEnded);
          return;
        }
        // a stub that attaching stopped may tell so unasked, before the first answer
        if (/^[TS][0-9a-f]{2}/.test(received.data) && !this.#asksForStop) return;
        const waiting = this.#waiting;
        this.#waiting = undefined;
        clearTimeout(waiting?.timer);
        waiting?.resolve(received.data);
      }
    }
  }

  #again(send: () => void): void {
    if (++this.#tries > maxTries) this.#end(`${this.name}: packets arrive damaged`);
    else send();
  }

  #end(why: string, kind: typeof LiveError = LiveError): void {
    this.#ended ??= why;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(waiting?.timer);
    waiting?.reject(new kind(this.#ended));
    void this.#connection.close();
  }

  /** Attaching has stopped it already. */
  async stop(): Promise<void> {
    if (this.#isRunning) {
      this.#isRunning = false;
      await this.interrupt();
    }
  }

  /** The machine goes on; whoever wants to know when it stops again uses `proceed`. */
  resume(): Promise<void> {
    return this.close();
  }

  /** Lets the machine run until a breakpoint or until `timeoutMs` are over; what stopped it, or `undefined`. */
  async proceed(timeoutMs: number): Promise<string | undefined> {
    const timer = setTimeout(() => {
      this.#connection.send('\x03');
    }, timeoutMs);
    const start = performance.now();
    try {
      const reason = await this.command('c', timeoutMs + answerMs);
      return performance.now() - start >= timeoutMs && /^(T02|S02)/.test(reason) ? undefined : reason;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Makes `proceed` come back now: what it returns says that we stopped it. */
  breakIn(): void {
    if (this.#asksForStop && this.#waiting !== undefined) this.#connection.send('\x03');
  }

  async interrupt(): Promise<void> {
    this.#connection.send('\x03');
    await this.command('?');
  }

  async readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined> {
    await this.#physicalMode();
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += this.#chunk) {
      const size = Math.min(this.#chunk, length - at);
      const answer = await this.command(`m${(address + BigInt(at)).toString(16)},${size.toString(16)}`);
      const part = /^E/.test(answer) ? undefined : bytesOfHex(answer);
      if (part?.length !== size) return undefined;
      bytes.set(part, at);
    }
    return bytes;
  }

  /** Writes physical memory. @throws LiveError where the stub refuses. */
  async writePhysical(address: bigint, bytes: Uint8Array): Promise<void> {
    await this.#physicalMode();
    await this.#done(`M${address.toString(16)},${bytes.length.toString(16)}:${hexOf(bytes)}`);
  }

  async #physicalMode(): Promise<void> {
    if (this.#isPhysical) return;
    const answer = await this.command('Qqemu.PhyMemMode:1');
    if (answer !== 'OK')
      throw new LiveError(
        `${this.name}: the stub does not read physical memory (Qqemu.PhyMemMode): ${shown(answer)}`,
      );
    this.#isPhysical = true;
  }

  /** The value of a register by the name that the target description gives it. */
  async readRegister(name: string): Promise<bigint> {
    const answer = await this.command(`p${this.#register(name).number.toString(16)}`);
    const bytes = /^E/.test(answer) ? undefined : bytesOfHex(answer);
    if (bytes === undefined || bytes.length === 0)
      throw new LiveError(`${this.name}: the register ${name} cannot be read: ${shown(answer)}`);
    return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
  }

  async writeRegister(name: string, value: bigint): Promise<void> {
    const { number, bits } = this.#register(name);
    const bytes = Uint8Array.from({ length: bits / 8 }, (_, at) =>
      Number((value >> BigInt(8 * at)) & 0xffn),
    );
    await this.#done(`P${number.toString(16)}=${hexOf(bytes)}`);
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
  async breakpoint(address: bigint, isOn: boolean): Promise<void> {
    await this.#done(`${isOn ? 'Z' : 'z'}1,${address.toString(16)},4`);
  }

  async #done(command: string): Promise<void> {
    const answer = await this.command(command);
    if (answer !== 'OK')
      throw new LiveError(`${this.name}: the stub refuses ${shown(command)}: ${shown(answer)}`);
  }

  /** Waits for the answer that is under way: a running machine is stopped first. */
  async #idle(): Promise<void> {
    const deadline = performance.now() + 1_000;
    this.breakIn();
    while (this.#waiting !== undefined && performance.now() < deadline)
      await new Promise(resolve => setTimeout(resolve, 5));
    this.#waiting = undefined;
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) {
      try {
        await this.#idle();
        await this.command('D', 1_000);
      } catch (error) {
        if (!(error instanceof LiveError)) throw error;
      }
    }
    this.#ended ??= `${this.name}: let go`;
    await this.#connection.close();
  }
}

/** Part of what a peer said, fit for one line. */
const shown = (text: string): string => JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
