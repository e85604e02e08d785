import { LiveError, MachineEnded, packetOf, PacketReader, type Received } from '../../live/index.ts';
import { Connection, type Place } from './connection.ts';

interface Waiting {
  readonly resolve: (data: string) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** How long a stub may take for one answer. */
export const answerMs = 5_000;
const maxTries = 3;
const interrupt = '\x03';

/** Questions to a GDB stub and its answers, one at a time, over a line that may damage them. */
export class GdbConversation {
  readonly name: string;
  readonly #connection: Connection;
  readonly #packets = new PacketReader();
  #waiting: Waiting | undefined;
  #lastPacket = '';
  #tries = 0;
  /** Whether the answer that is waited for says why the machine stopped. */
  #asksForStop = false;
  #isClosing = false;
  #ended: string | undefined;

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

  static async open(place: Place): Promise<GdbConversation> {
    const conversation = new GdbConversation(await Connection.open(place, answerMs));
    conversation.#connection.send('+');
    return conversation;
  }

  /** Sends one packet and gives the answer to it. */
  command(data: string, timeoutMs = answerMs): Promise<string> {
    const closing = this.#isClosing ? `${this.name}: let go` : undefined;
    const why = this.#ended ?? closing ?? (this.#waiting && `${this.name}: one question at a time`);
    return why === undefined ? this.#ask(data, timeoutMs) : Promise.reject(new LiveError(why));
  }

  /** The same, where only "OK" is an answer. @throws LiveError where the stub refuses. */
  async done(data: string): Promise<void> {
    const answer = await this.command(data);
    if (answer !== 'OK')
      throw new LiveError(`${this.name}: the stub refuses ${shown(data)}: ${shown(answer)}`);
  }

  /** Makes a machine that was let run stop: the answer to that comes now. */
  breakIn(): void {
    if (this.#asksForStop && this.#waiting !== undefined) this.#connection.send(interrupt);
  }

  /** Lets the machine go and closes the line; whoever asks from now on is told so. Never throws. */
  async close(): Promise<void> {
    if (this.#ended === undefined && !this.#isClosing) {
      this.#isClosing = true;
      const underWay = this.#waiting;
      this.breakIn();
      const deadline = performance.now() + 1_000;
      while (this.#waiting !== undefined && this.#waiting === underWay && performance.now() < deadline)
        await new Promise(resolve => setTimeout(resolve, 5));
      this.#settle()?.reject(new LiveError(`${this.name}: let go`));
      await this.#ask('D', 1_000).catch(() => undefined);
    }
    this.#ended ??= `${this.name}: let go`;
    await this.#connection.close();
  }

  #ask(data: string, timeoutMs: number): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#end(`${this.name}: no answer to ${shown(data)} in ${timeoutMs} ms`);
      }, timeoutMs);
      this.#waiting = { resolve, reject, timer };
      this.#asksForStop = ['c', 's', '?'].includes(data);
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
        this.#again(this.#lastPacket);
        return;
      case 'damaged':
        this.#again('-');
        return;
      case 'packet':
        this.#connection.send('+');
        if (/^[WX]/.test(received.data)) this.#end(`${this.name}: the machine has ended`, MachineEnded);
        // a stub that attaching stopped may tell so unasked, before the first answer
        else if (this.#asksForStop || !/^[TS][0-9a-f]{2}/.test(received.data))
          this.#settle()?.resolve(received.data);
    }
  }

  #again(text: string): void {
    if (++this.#tries > maxTries) this.#end(`${this.name}: packets arrive damaged`);
    else this.#connection.send(text);
  }

  /** Nobody waits any more; who did. */
  #settle(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(waiting?.timer);
    return waiting;
  }

  #end(why: string, kind: typeof LiveError = LiveError): void {
    this.#ended ??= why;
    this.#settle()?.reject(new kind(this.#ended));
    void this.#connection.close();
  }
}

/** Part of what a peer said, fit for one line. */
export const shown = (text: string): string =>
  JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
