import { readFile } from 'node:fs/promises';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, resolve, sep } from 'node:path';
import { CommandError, Exit } from '../exit.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The file that a request names, or `undefined` where it names nothing below the folder. */
function fileFor(folder: string, url: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  } catch {
    return undefined; // an escape that is none
  }
  if (path.includes('\0')) return undefined;
  const file = resolve(folder, `.${path.endsWith('/') ? `${path}index.html` : path}`);
  return file.startsWith(folder + sep) ? file : undefined;
}

function answer(response: ServerResponse, status: number, type: string, body: string | Buffer): void {
  response.writeHead(status, {
    'content-type': type,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  });
  response.end(body);
}

/**
 * Serves the files of a folder on 127.0.0.1: reading only, and nothing outside it. Resolves when it listens.
 *
 * @throws CommandError where the port is taken.
 */
export function serveFolder(folder: string, port: number): Promise<{ server: Server; address: string }> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET') {
      response.setHeader('allow', 'GET');
      return answer(response, 405, 'text/plain', 'only GET\n');
    }
    const file = fileFor(folder, request.url ?? '/');
    const notFound = (): void => answer(response, 404, 'text/plain', 'not here\n');
    if (file === undefined) return notFound();
    readFile(file).then(
      body => answer(response, 200, types[extname(file)] ?? 'application/octet-stream', body),
      notFound,
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
