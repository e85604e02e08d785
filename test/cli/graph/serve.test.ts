import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { serveFolder } from '../../../cli/explore/serve-folder.ts';

const outer = mkdtempSync(join(tmpdir(), 'pagewarden-'));
const folder = join(outer, 'page');
let served: Awaited<ReturnType<typeof serveFolder>>;

beforeAll(async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.html'), '<p>page</p>');
  writeFileSync(join(outer, 'secret.txt'), 'secret');
  mkdirSync(join(outer, 'page-other'));
  writeFileSync(join(outer, 'page-other', 'index.html'), 'secret');
  served = await serveFolder(folder, 0);
});
afterAll(() => served.server.close());

/** A request whose path is sent as it stands: `fetch` would tidy the dots away. */
const raw = (path: string, method = 'GET'): Promise<{ status: number; body: string }> =>
  new Promise((done, failed) => {
    const { port } = new URL(served.address);
    const asked = request({ host: '127.0.0.1', port, path, method, agent: false }, response => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', chunk => (body += String(chunk)));
      response.on('end', () => done({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', failed);
    asked.end();
  });

describe('the server of the page', () => {
  test('listens on 127.0.0.1 and serves the page at its address', async () => {
    expect(served.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect(await raw('/')).toEqual({ status: 200, body: '<p>page</p>' });
    expect((await raw('/nothing.js')).status).toBe(404);
  });

  test('gives nothing outside its folder, however the path is written', async () => {
    const paths = [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/..%2Fpage-other/index.html',
      '/%2e%2e%2fpage-other%2findex.html',
      '//../secret.txt',
      '/%00',
      '/%',
      `/${encodeURIComponent(join(outer, 'secret.txt'))}`,
    ];
    for (const path of paths) {
      const { status, body } = await raw(path);
      expect([path, status, body.includes('secret')]).toEqual([path, 404, false]);
    }
  });

  test('answers GET and nothing else', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await raw('/', method)).status).toBe(405);
  });

  test('says that a port is taken', async () => {
    const { port } = new URL(served.address);
    await expect(serveFolder(folder, Number(port))).rejects.toThrow(`port ${port}: already in use`);
  });
});
