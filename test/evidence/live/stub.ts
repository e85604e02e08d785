import { createServer, type Server, type Socket } from 'node:net';
import { packetOf, PacketReader } from '../../../evidence/live/index.ts';

/** A stub of our own, to misbehave as real ones do not: `answer` gets each packet and says what is sent back, raw. */
export interface Stub {
  readonly port: number;
  readonly commands: string[];
  close(): Promise<void>;
}

export const target = `<target><architecture>aarch64</architecture><feature name="core"><reg name="x0" bitsize="64"/><reg name="VTTBR_EL2" bitsize="64" regnum="40"/></feature></target>`;

/** What a healthy stub answers. Memory holds its own addresses below 64 KByte, and nothing above. */
export function healthy(command: string): string {
  if (command.startsWith('qSupported')) return packetOf('PacketSize=1000;qXfer:features:read+');
  if (command.startsWith('qXfer:features')) return packetOf(`l${target}`);
  if (command === 'Qqemu.PhyMemMode:1' || command === 'D') return packetOf('OK');
  if (command === 'p28') return packetOf('0110a05f00000000');
  const memory = /^m([0-9a-f]+),([0-9a-f]+)$/.exec(command);
  if (memory === null) return packetOf('');
  const [from, length] = [Number.parseInt(memory[1] ?? '', 16), Number.parseInt(memory[2] ?? '', 16)];
  if (from >= 65536) return packetOf('E14');
  const bytes = Buffer.alloc(length);
  for (let at = 0; at + 8 <= length; at += 8) bytes.writeBigUInt64LE(BigInt(from + at), at);
  return packetOf(bytes.toString('hex'));
}

export function startStub(answer: (command: string, socket: Socket, stub: Stub) => string): Promise<Stub> {
  const sockets = new Set<Socket>();
  const commands: string[] = [];
  const server: Server = createServer(socket => {
    const reader = new PacketReader();
    sockets.add(socket);
    socket.setEncoding('latin1');
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    socket.on('data', text => {
      for (const received of reader.push(String(text))) {
        if (received.kind === 'nack') socket.write(answer('nack', socket, stub), 'latin1');
        if (received.kind !== 'packet') continue;
        commands.push(received.data);
        socket.write(`+${answer(received.data, socket, stub)}`, 'latin1');
      }
    });
  });
  const stub = {
    port: 0,
    commands,
    close: () =>
      new Promise<void>(resolve => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
  return new Promise(resolve => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(Object.assign(stub, { port: typeof address === 'object' ? (address?.port ?? 0) : 0 }));
    });
  });
}
