import { createConnection, type Socket } from 'node:net';
import { LiveError } from '../../live/index.ts';

/** Where a machine listens: a TCP port of this computer, or a unix socket. */
export type Place =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const placeName = (place: Place): string =>
  place.kind === 'tcp' ? `${place.host}:${place.port}` : place.path;

/** `HOST:PORT`, `:PORT`, or a path. */
export function placeIn(text: string): Place | undefined {
  const tcp = /^(?:tcp:)?([^/:]*):(\d{1,5})$/.exec(text);
  const port = Number(tcp?.[2]);
  if (tcp !== null)
    return port > 0 && port < 65536 ? { kind: 'tcp', host: tcp[1] || '127.0.0.1', port } : undefined;
  return text.includes('/') ? { kind: 'unix', path: text.replace(/^unix:/, '') } : undefined;
}

/** The text that comes from a peer, byte for byte, and who waits for it. */
export class Connection {
  readonly #socket: Socket;
  readonly #name: string;
  #onText: (text: string) => void = () => undefined;
  #onEnd: (why: string) => void = () => undefined;
  #ended: string | undefined;

  private constructor(socket: Socket, name: string) {
    this.#socket = socket;
    this.#name = name;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string | Buffer) => {
      this.#onText(String(text));
    });
    const end = (why: string): void => {
      this.#ended ??= why;
      this.#onEnd(this.#ended);
    };
    socket.on('error', error => {
      end(`${name}: ${error.message}`);
    });
    socket.on('close', () => {
      end(`${name}: the connection was closed by the other side`);
    });
  }

  static open(place: Place, timeoutMs: number): Promise<Connection> {
    const name = placeName(place);
    return new Promise((resolve, reject) => {
      const socket = createConnection(
        place.kind === 'tcp' ? { host: place.host, port: place.port } : { path: place.path },
      );
      const timer = setTimeout(() => {
        socket.destroy();
        reject(new LiveError(`${name}: no answer in ${timeoutMs} ms`));
      }, timeoutMs);
      socket.once('error', error => {
        clearTimeout(timer);
        reject(new LiveError(`${name}: ${error.message}`));
      });
      socket.once('connect', () => {
        clearTimeout(timer);
        socket.removeAllListeners('error');
        resolve(new Connection(socket, name));
      });
    });
  }

  get name(): string {
    return this.#name;
  }

  /** Who is told of text and of the end from now on. An end that came before is told at once. */
  listen(onText: (text: string) => void, onEnd: (why: string) => void): void {
    this.#onText = onText;
    this.#onEnd = onEnd;
    if (this.#ended !== undefined) onEnd(this.#ended);
  }

  send(text: string): void {
    if (this.#ended === undefined) this.#socket.write(text, 'latin1');
  }

  /** Sends what is left and closes. */
  close(): Promise<void> {
    return new Promise(resolve => {
      if (this.#ended !== undefined || this.#socket.destroyed) {
        resolve();
        return;
      }
      const timer = setTimeout(() => {
        this.#socket.destroy();
        resolve();
      }, 500);
      this.#socket.end(() => {
        clearTimeout(timer);
        this.#socket.destroy();
        resolve();
      });
    });
  }
}
