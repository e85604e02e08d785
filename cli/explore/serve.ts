import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandError, Exit } from '../exit.ts';

/** What is sent for a path. */
export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string | Buffer;
}

export const notFound: Answer = { status: 404, type: 'text/plain', body: 'not here\n' };
const onlyGet: Answer = { status: 405, type: 'text/plain', body: 'only GET\n' };

/**
 * Answers on 127.0.0.1, reading only. Resolves when it listens.
 *
 * @throws CommandError where the port is taken.
 */
export function serve(
  answerTo: (url: string) => Promise<Answer>,
  port: number,
): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    const send = ({ status, type, body }: Answer): void => {
      response.writeHead(status, {
        'content-type': type,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-cache',
        ...(status === onlyGet.status ? { allow: 'GET' } : {}),
      });
      response.end(body);
    };
    if (request.method !== 'GET') return send(onlyGet);
    answerTo(request.url ?? '/').then(send, (error: unknown) =>
      send({ status: 500, type: 'text/plain; charset=utf-8', body: `${String(error)}\n` }),
    );
  });
  return new Promise((listening, failed) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      failed(
        new CommandError(
          Exit.usage,
          `port ${port}: ${error.code === 'EADDRINUSE' ? 'already in use' : error.message}`,
        ),
      ),
    );
    server.listen(port, '127.0.0.1', () => {
      const { port: chosen } = server.address() as AddressInfo;
      listening({ server, address: `http://127.0.0.1:${chosen}/` });
    });
  });
}
