import { afterEach, describe, expect, test } from 'vitest';
import { gathered, LiveError, packetOf, whileStopped } from '../../../evidence/live/index.ts';
import { GdbClient } from '../../../evidence/node/live/gdb-client.ts';
import { healthy, startStub, type Stub, target } from './stub.ts';

let stub: Stub | undefined;
afterEach(async () => {
  await stub?.close();
  stub = undefined;
});

async function attached(answer: Parameters<typeof startStub>[0] = healthy): Promise<GdbClient> {
  stub = await startStub(answer);
  return GdbClient.attach({ kind: 'tcp', host: '127.0.0.1', port: stub.port });
}
const why = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof LiveError ? error.message : `not a LiveError: ${String(error)}`),
  );

describe('a GDB stub is asked', () => {
  test('for registers by their names, and for physical memory in pieces that its packets hold', async () => {
    const client = await attached();
    expect(await client.readRegister('VTTBR_EL2')).toBe(0x5fa01001n);
    const bytes = await client.readPhysical(0x1000n, 4096);
    expect(new DataView(bytes?.buffer ?? new ArrayBuffer(0)).getBigUint64(8, true)).toBe(0x1008n);
    expect(stub?.commands.filter(command => command.startsWith('m'))).toEqual(['m1000,800', 'm1800,800']);
    await client.close();
  });

  test('for just the pages that a computation reads, level after level', async () => {
    const client = await attached();
    const follow = (memory: { read(address: bigint): bigint | undefined }): bigint | undefined =>
      memory.read(0x1000n) === undefined ? undefined : memory.read(0x3000n);
    const { memory, pages } = await gathered(client, follow);
    expect([follow(memory), pages]).toEqual([0x3000n, 2]);
    await client.close();
  });

  test('a word where there is no memory stays unknown', async () => {
    const client = await attached();
    const { memory } = await gathered(client, at => at.read(0x20000n));
    expect(memory.read(0x20000n)).toBeUndefined();
    await client.close();
  });

  test('although it says unasked that attaching has stopped it', async () => {
    const client = await attached(command =>
      command.startsWith('qSupported') ? packetOf('T02thread:01;') + healthy(command) : healthy(command),
    );
    expect(await client.readRegister('VTTBR_EL2')).toBe(0x5fa01001n);
    await client.close();
  });

  test('and is let go: by detaching, also when the question throws', async () => {
    const client = await attached();
    await expect(
      whileStopped(client, () => Promise.reject(new Error('a fault in the question'))),
    ).rejects.toThrow('a fault in the question');
    expect(stub?.commands.at(-1)).toBe('D');
  });
});

describe('a stub that misbehaves gets one line', () => {
  test('another architecture', async () => {
    const other = (command: string): string =>
      command.startsWith('qXfer')
        ? packetOf(`l${target.replace('aarch64', 'riscv:rv64')}`)
        : healthy(command);
    expect(await why(attached(other))).toMatch(/the machine is riscv:rv64, not aarch64/);
  });

  test('no target description', async () => {
    const none = (command: string): string =>
      command.startsWith('qXfer') ? packetOf('') : healthy(command);
    expect(await why(attached(none))).toMatch(/no target description/);
  });

  test.each([
    [
      'a file that includes itself',
      `l<target><xi:include href="target.xml"/></target>`,
      /describes no registers/,
    ],
    ['a file that never comes', 'm', /no target description/],
  ])('%s', async (_, feature, message) => {
    const endless = (command: string): string =>
      command.startsWith('qXfer') ? packetOf(feature) : healthy(command);
    expect(await why(attached(endless))).toMatch(message);
  });

  test('a machine that is let go while it runs is stopped first, and whoever waits is told', async () => {
    const runs = (command: string): string => (command === 'c' ? '' : healthy(command));
    const client = await attached(runs);
    const waiting = why(client.proceed(60_000));
    await client.close();
    expect(await waiting).toMatch(/let go/);
    expect(stub?.commands.at(-1)).toBe('D');
    expect(await why(client.readRegister('x0'))).toMatch(/let go/);
  });

  test('no physical memory', async () => {
    const client = await attached(command =>
      command.startsWith('Qqemu') ? packetOf('') : healthy(command),
    );
    expect(await why(client.readPhysical(0n, 8))).toMatch(/does not read physical memory/);
    await client.close();
  });

  test('a packet that arrives damaged is asked for again, and taken when it is whole', async () => {
    let last = '';
    const flaky = (command: string): string => {
      if (command === 'nack') return last;
      last = healthy(command);
      return command.startsWith('m') ? last.replace(/#..$/, '#zz') : last;
    };
    const client = await attached(flaky);
    expect((await client.readPhysical(0x1000n, 8))?.length).toBe(8);
    await client.close();
  });

  test('packets that are always damaged end it', async () => {
    const broken = (command: string): string => (command === 'qSupported' ? healthy(command) : '$OK#00');
    expect(await why(attached(broken))).toMatch(/packets arrive damaged/);
  });

  test('a connection that closes in the middle of an answer', async () => {
    const client = await attached((command, socket) => {
      if (!command.startsWith('m')) return healthy(command);
      socket.end('$0011');
      return '';
    });
    expect(await why(client.readPhysical(0n, 8))).toMatch(/closed by the other side/);
  });

  test('a machine that ends', async () => {
    const client = await attached(command => (command === 'c' ? packetOf('W00') : healthy(command)));
    expect(await why(client.proceed(10_000))).toMatch(/the machine has ended/);
  });

  test('nobody there', async () => {
    stub = await startStub(healthy);
    const { port } = stub;
    await stub.close();
    stub = undefined;
    expect(await why(GdbClient.attach({ kind: 'tcp', host: '127.0.0.1', port }))).toMatch(/ECONNREFUSED/);
  });
});
