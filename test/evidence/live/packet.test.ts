import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maxPacketBytes, packetOf, PacketReader, type Received } from '../../../evidence/live/index.ts';

const latin1 = fc.array(fc.integer({ min: 0, max: 255 })).map(codes => String.fromCharCode(...codes));
const inPieces = (text: string, cuts: readonly number[]): string[] => {
  const at = [...new Set(cuts.map(cut => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => text.slice(from, at[i] ?? text.length));
};

describe('packets of the GDB remote protocol', () => {
  test('a packet that the manual shows: its checksum is the sum of its bytes', () => {
    expect(packetOf('OK')).toBe('$OK#9a');
    expect(new PacketReader().push('+$OK#9a')).toEqual([{ kind: 'ack' }, { kind: 'packet', data: 'OK' }]);
  });

  test('run lengths are unfolded: "0* " is four zeros', () => {
    const body = '0* ';
    const sum = [...body].reduce((total, char) => total + char.charCodeAt(0), 0) & 0xff;
    expect(new PacketReader().push(`$${body}#${sum.toString(16)}`)).toEqual([
      { kind: 'packet', data: '0000' },
    ]);
  });

  test('whatever is sent in a packet arrives, however the line cuts it', () => {
    fc.assert(
      fc.property(latin1, fc.array(fc.nat()), (data, cuts) => {
        const reader = new PacketReader();
        const received = inPieces(`+${packetOf(data)}`, cuts).flatMap(piece => [...reader.push(piece)]);
        expect(received).toEqual([{ kind: 'ack' }, { kind: 'packet', data }]);
      }),
    );
  });

  test('one damaged byte of a packet is noticed, or the packet does not end', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 40 }).filter(text => /^[\x20-\x7e]+$/.test(text)),
        fc.nat(),
        fc.integer({ min: 1, max: 127 }),
        (data, at, flip) => {
          const packet = packetOf(data);
          const place = 1 + (at % (packet.length - 1));
          const damaged =
            packet.slice(0, place) +
            String.fromCharCode(packet.charCodeAt(place) ^ flip) +
            packet.slice(place + 1);
          const whole = new PacketReader().push(damaged).filter(({ kind }) => kind === 'packet');
          // a checksum digit in the other case is the same checksum
          if (damaged.toLowerCase() !== packet.toLowerCase())
            expect(whole).not.toContainEqual({ kind: 'packet', data });
        },
      ),
    );
  });

  test('anything at all is read without an exception, unless it is longer than any packet', () => {
    fc.assert(
      fc.property(fc.array(latin1), pieces => {
        const reader = new PacketReader();
        for (const piece of pieces) expect(Array.isArray(reader.push(piece))).toBe(true);
      }),
    );
    const flood = (): readonly Received[] => new PacketReader().push(`$${'x'.repeat(maxPacketBytes + 1)}`);
    expect(flood).toThrow('not a GDB stub');
  });
});
