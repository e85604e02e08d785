import { readFile } from 'node:fs/promises';
import type { Server } from 'node:http';
import { extname, resolve, sep } from 'node:path';
import { notFound, serve } from './serve.ts';

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

/** Serves the files of a folder on 127.0.0.1: reading only, and nothing outside it. @throws as `serve` does */
export const serveFolder = (folder: string, port: number): Promise<{ server: Server; address: string }> =>
  serve(async url => {
    const file = fileFor(folder, url);
    if (file === undefined) return notFound;
    return readFile(file).then(
      body => ({ status: 200, type: types[extname(file)] ?? 'application/octet-stream', body }),
      () => notFound,
    );
  }, port);
