/**
 * Packets of the GDB remote serial protocol: `$data#checksum`, the checksum two hex digits of the sum of the bytes of
 * `data` modulo 256. In `data` a `}` says that the next byte was sent with bit 5 flipped, and `c*n` that `c` comes
 * again n - 29 times. Between packets stand `+` (received) and `-` (send again). Bytes are those of latin1 text.
 */
export type Received =
  | { readonly kind: 'packet'; readonly data: string }
  /** Received, or damaged: send the last packet again. */
  | { readonly kind: 'ack' | 'nack' }
  /** A packet whose checksum is wrong: ask for it again. */
  | { readonly kind: 'damaged' };

/** More than any stub sends in one packet: a peer that sends more is none. */
export const maxPacketBytes = 1 << 20;

const checksumOf = (text: string): number => {
  let sum = 0;
  for (let at = 0; at < text.length; at++) sum += text.charCodeAt(at);
  return sum & 0xff;
};

/** A packet that holds `data`. */
export function packetOf(data: string): string {
  const escaped = data.replace(/[$#}*]/g, char => `}${String.fromCharCode(char.charCodeAt(0) ^ 0x20)}`);
  return `$${escaped}#${checksumOf(escaped).toString(16).padStart(2, '0')}`;
}

/** Takes what a stub sends, in pieces of any size, and gives whole packets. */
export class PacketReader {
  #rest = '';

  /** What has come together with `piece`, in order. Throws a RangeError where no packet can be that long. */
  push(piece: string): readonly Received[] {
    this.#rest += piece;
    const received: Received[] = [];
    for (;;) {
      const next = this.#take();
      if (next === undefined) break;
      received.push(next);
    }
    if (this.#rest.length > maxPacketBytes)
      throw new RangeError(`a packet of more than ${maxPacketBytes} bytes: not a GDB stub`);
    return received;
  }

  #take(): Received | undefined {
    const at = this.#rest.search(/[+\-$]/);
    if (at === -1) {
      this.#rest = ''; // noise between packets is passed over
      return undefined;
    }
    if (this.#rest[at] !== '$') {
      const kind = this.#rest[at] === '+' ? 'ack' : 'nack';
      this.#rest = this.#rest.slice(at + 1);
      return { kind };
    }
    const end = this.#rest.indexOf('#', at);
    if (end === -1 || end + 2 >= this.#rest.length) {
      this.#rest = this.#rest.slice(at);
      return undefined;
    }
    const body = this.#rest.slice(at + 1, end);
    const sum = this.#rest.slice(end + 1, end + 3);
    this.#rest = this.#rest.slice(end + 3);
    const isWhole = /^[0-9a-f]{2}$/i.test(sum) && Number.parseInt(sum, 16) === checksumOf(body);
    return isWhole ? { kind: 'packet', data: expand(body) } : { kind: 'damaged' };
  }
}

/** Undoes escapes and run lengths. */
function expand(body: string): string {
  let text = '';
  for (let at = 0; at < body.length; at++) {
    const char = body[at] ?? '';
    if (char === '}') {
      at++;
      text += String.fromCharCode(body.charCodeAt(at) ^ 0x20);
    } else if (char === '*' && text !== '' && at + 1 < body.length) {
      at++;
      text += (text.at(-1) ?? '').repeat(Math.max(0, body.charCodeAt(at) - 29));
    } else text += char;
    if (text.length > maxPacketBytes)
      throw new RangeError('a packet that unfolds without end: not a GDB stub');
  }
  return text;
}
