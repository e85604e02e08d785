import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { CommandError, Exit } from './exit.ts';
import { serveFolder } from './explore/serve-folder.ts';

/** Where the page is, from this file's own place: beside `cli` in the built package, in `dist` beside the sources. */
const places = ['../explorer', '../dist/explorer'].map(place => resolve(import.meta.dirname, place));
const folder = places.find(
  place => existsSync(resolve(place, 'index.html')) && !existsSync(resolve(place, 'main.tsx')),
);

function portFrom(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port < 65_536) return port;
  throw new CommandError(Exit.usage, `--port: expected 0 to 65535, got "${text}"`);
}

/** The command `explore`. */
export const exploreCommand = (): Command =>
  new Command('explore')
    .description('serve the explorer on 127.0.0.1 and print its address; the page itself runs the model')
    .option('--port <number>', 'the port; any free one where 0', '0')
    .action(async ({ port }: { port: string }) => {
      if (folder === undefined) throw new CommandError(Exit.fault, 'the page is not built: npm run build');
      const { server, address } = await serveFolder(folder, portFrom(port));
      console.log(`${address}   (Ctrl-C ends; the page also opens from ${resolve(folder, 'index.html')})`);
      const end = (): void => {
        server.close();
        server.closeAllConnections(); // a browser keeps its connections open
      };
      process.once('SIGINT', end);
      process.once('SIGTERM', end);
    });
