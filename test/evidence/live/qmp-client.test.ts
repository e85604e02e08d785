import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { LiveError, whileStopped } from '../../../evidence/live/index.ts';
import { QmpClient } from '../../../evidence/node/live/qmp-client.ts';

let server: Server | undefined;
afterEach(() => server?.close());

const greeting = '{"QMP": {"version": {}, "capabilities": []}}\r\n';

type Answer =
  { readonly return: unknown } | { readonly error: { readonly class: string; readonly desc: string } };

/** A peer of our own: what it answers to each command, to which the id is added. */
async function attached(
  answer: (command: string, line: string | undefined) => Answer,
  first = greeting,
): Promise<{ readonly client: QmpClient; readonly heard: string[] }> {
  const heard: string[] = [];
  server = createServer(socket => {
    socket.on('error', () => undefined);
    socket.write(first);
    socket.setEncoding('utf8').on('data', text => {
      for (const line of String(text).trim().split('\n')) {
        const {
          execute,
          arguments: args,
          id,
        } = JSON.parse(line) as {
          execute: string;
          arguments?: { 'command-line'?: string };
          id: number;
        };
        heard.push(execute);
        socket.write(`${JSON.stringify({ ...answer(execute, args?.['command-line']), id })}\r\n`);
      }
    });
  });
  const port = await new Promise<number>(resolve => {
    server?.listen(0, '127.0.0.1', () => {
      const address = server?.address();
      resolve(typeof address === 'object' ? (address?.port ?? 0) : 0);
    });
  });
  return { client: await QmpClient.attach({ kind: 'tcp', host: '127.0.0.1', port }), heard };
}

const why = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    (error: unknown) => (error instanceof LiveError ? error.message : `not a LiveError: ${String(error)}`),
  );

const done: Answer = { return: {} };
/** A peer whose status is this. */
const withStatus =
  (status: Answer) =>
  (command: string): Answer =>
    command === 'query-status' ? status : done;

describe("QEMU's machine protocol is asked", () => {
  test('a machine that runs is stopped and let go, one that stands still stays so', async () => {
    for (const [running, expected] of [
      [true, ['stop', 'cont']],
      [false, []],
    ] as const) {
      const { client, heard } = await attached(withStatus({ return: { running } }));
      await whileStopped(client, () => Promise.resolve());
      expect(heard.filter(command => command === 'stop' || command === 'cont')).toEqual(expected);
      await client.close();
      server?.close();
    }
  });

  test('words come from the human monitor', async () => {
    const text = '0000000000001000: 0x0000000000000007 0x0000000000000001\r\n';
    const { client } = await attached((_, line) => (line === 'xp /2gx 0x1000' ? { return: text } : done));
    const bytes = await client.readPhysical(0x1000n, 16);
    expect([bytes?.[0], bytes?.[8]]).toEqual([7, 1]);
    await client.close();
  });

  test('an error, an answer of another shape and a peer that speaks something else get one line each', async () => {
    const refused = await attached(withStatus({ error: { class: 'GenericError', desc: 'not now' } }));
    expect(await why(refused.client.isRunning())).toMatch(/not now/);
    await refused.client.close();
    server?.close();
    const odd = await attached(withStatus({ return: 7 }));
    expect(await why(odd.client.isRunning())).toMatch(/an answer that is none of QMP: 7/);
    await odd.client.close();
    server?.close();
    expect(await why(attached(() => done, 'SSH-2.0-OpenSSH_9.2\r\n'))).toMatch(/not a message of QMP/);
  });
});
