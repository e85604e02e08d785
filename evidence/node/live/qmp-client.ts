import { z } from 'zod';
import { bytesOf, readDump } from '../../dumps/index.ts';
import { LiveError, type LiveMachine } from '../../live/index.ts';
import { Connection, type Place } from './connection.ts';

const answerMs = 5_000;
const maxLine = 8 << 20;

const message = z.union([
  z.object({ QMP: z.object({}).loose() }),
  z.object({ event: z.string() }).loose(),
  z.object({ return: z.unknown(), id: z.number().optional() }),
  z.object({ error: z.object({ desc: z.string() }).loose(), id: z.number().optional() }),
]);
const status = z.object({ running: z.boolean() }).loose();

interface Waiting {
  readonly id: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** A client of QEMU's machine protocol: status, stop and cont, commands of the human monitor, physical memory. */
export class QmpClient implements LiveMachine {
  readonly name: string;
  readonly #connection: Connection;
  #rest = '';
  #waiting: Waiting | undefined;
  #greeting: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  #ended: string | undefined;
  #id = 0;
  /** Whether we stopped a machine that ran. */
  #hasStopped = false;

  private constructor(connection: Connection) {
    this.name = `qmp ${connection.name}`;
    this.#connection = connection;
  }

  /** @throws LiveError where nobody answers, or who answers speaks another protocol. */
  static async attach(place: Place): Promise<QmpClient> {
    const client = new QmpClient(await Connection.open(place, answerMs));
    try {
      await client.#greeted();
      await client.execute('qmp_capabilities');
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  #greeted(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#end(`${this.name}: no greeting in ${answerMs} ms: not QMP, or another client holds it`);
      }, answerMs);
      const settled = (end: () => void) => (): void => {
        clearTimeout(timer);
        end();
      };
      this.#greeting = {
        resolve: settled(resolve),
        reject: error => {
          settled(() => {
            reject(error);
          })();
        },
      };
      this.#connection.listen(
        text => {
          this.#receive(text);
        },
        why => {
          this.#end(why);
        },
      );
    });
  }

  /** Runs one command and gives what it returns. */
  execute(command: string, args?: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.#ended !== undefined) return Promise.reject(new LiveError(this.#ended));
    const id = ++this.#id;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#end(`${this.name}: no answer to ${command} in ${answerMs} ms`);
      }, answerMs);
      this.#waiting = { id, resolve, reject, timer };
      this.#connection.send(
        `${JSON.stringify({ execute: command, ...(args && { arguments: args }), id })}\n`,
      );
    });
  }

  /** Runs one command of the human monitor and gives what it prints. */
  async monitor(line: string): Promise<string> {
    const args = { 'command-line': line };
    return this.#answered(z.string(), await this.execute('human-monitor-command', args));
  }

  async isRunning(): Promise<boolean> {
    return this.#answered(status, await this.execute('query-status')).running;
  }

  /** What a command returned, in the shape that it has. @throws LiveError where it is another. */
  #answered<T>(shape: z.ZodType<T>, value: unknown): T {
    const read = shape.safeParse(value);
    if (read.success) return read.data;
    throw new LiveError(
      `${this.name}: an answer that is none of QMP: ${JSON.stringify(value).slice(0, 60)}`,
    );
  }

  async stop(): Promise<void> {
    if (!(await this.isRunning())) return;
    await this.execute('stop');
    this.#hasStopped = true;
  }

  async resume(): Promise<void> {
    if (!this.#hasStopped) return;
    this.#hasStopped = false;
    await this.execute('cont');
  }

  async readPhysical(address: bigint, length: number): Promise<Uint8Array | undefined> {
    const words = Math.ceil(length / 8);
    const text = await this.monitor(`xp /${words}gx 0x${address.toString(16)}`);
    const read = readDump(bytesOf(new TextEncoder().encode(text.replaceAll('\r', ''))));
    if (!read.ok) return undefined;
    const bytes = new Uint8Array(words * 8);
    const view = new DataView(bytes.buffer);
    for (let at = 0; at < words; at++) {
      const word = read.dump.read(address + 8n * BigInt(at));
      if (word === undefined) return undefined;
      view.setBigUint64(8 * at, word, true);
    }
    return bytes.subarray(0, length);
  }

  #receive(text: string): void {
    this.#rest += text;
    if (this.#rest.length > maxLine) {
      this.#end(`${this.name}: a line of more than ${maxLine} bytes: not QMP`);
      return;
    }
    for (let end = this.#rest.indexOf('\n'); end !== -1; end = this.#rest.indexOf('\n')) {
      const line = this.#rest.slice(0, end).trim();
      this.#rest = this.#rest.slice(end + 1);
      if (line !== '') this.#line(line);
    }
  }

  #line(line: string): void {
    const parsed = message.safeParse(parsedJson(line));
    if (!parsed.success) {
      this.#end(`${this.name}: not a message of QMP: ${JSON.stringify(line.slice(0, 60))}`);
      return;
    }
    const { data } = parsed;
    if ('QMP' in data) this.#greeting?.resolve();
    else if ('event' in data) {
      if (data.event === 'SHUTDOWN') this.#end(`${this.name}: the machine has ended`);
    } else this.#answer(data);
  }

  #answer(data: { return?: unknown; error?: { desc: string }; id?: number | undefined }): void {
    const waiting = this.#waiting;
    if (waiting === undefined || (data.id !== undefined && data.id !== waiting.id)) return;
    this.#waiting = undefined;
    clearTimeout(waiting.timer);
    if (data.error === undefined) waiting.resolve(data.return);
    else waiting.reject(new LiveError(`${this.name}: ${data.error.desc}`));
  }

  #end(why: string): void {
    this.#ended ??= why;
    const error = new LiveError(this.#ended);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(waiting?.timer);
    waiting?.reject(error);
    this.#greeting?.reject(error);
    void this.#connection.close();
  }

  async close(): Promise<void> {
    if (this.#ended === undefined) {
      try {
        await this.resume();
      } catch (error) {
        if (!(error instanceof LiveError)) throw error;
      }
    }
    this.#ended ??= `${this.name}: let go`;
    await this.#connection.close();
  }
}

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
