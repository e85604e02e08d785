import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { CommandError, Exit } from './exit.ts';
import { notFound, serve } from './explore/serve.ts';
import { serveFolder } from './explore/serve-folder.ts';
import { isPath } from './own-system/is-path.ts';

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

/** Serves until Ctrl-C, and says where. */
function serveUntilEnd({ server, address }: { server: Server; address: string }, also: string): void {
  console.log(`${address}   (Ctrl-C ends; ${also})`);
  const end = (): void => {
    server.close();
    server.closeAllConnections(); // a browser keeps its connections open
  };
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
}

/** The page with a module of one's own in it. The module is loaded here first: what is wrong with it is told with its line. */
async function pageOf(built: string, module: string): Promise<string> {
  const [{ loadOwnSystem }, { bundleOf, pageWith }] = await Promise.all([
    import('./own-system/load.ts'),
    import('./own-system/bundle.ts'),
  ]);
  await loadOwnSystem(module);
  return pageWith(readFileSync(resolve(built, 'index.html'), 'utf8'), await bundleOf(module));
}

interface Options {
  readonly port: string;
  readonly output?: string;
}

async function explore(module: string | undefined, { port, output }: Options): Promise<void> {
  if (folder === undefined) throw new CommandError(Exit.fault, 'the page is not built: npm run build');
  if (module !== undefined && !isPath(module))
    throw new CommandError(
      Exit.usage,
      `explore ${module}: every system of ours is in the page; of your own, name the module: ./${module}.ts`,
    );
  const page = resolve(folder, 'index.html');
  const own = module === undefined ? undefined : await pageOf(folder, module);
  if (output !== undefined) {
    writeFileSync(output, own ?? readFileSync(page));
    console.log(`${output} written: one file, which opens from a folder`);
    return;
  }
  const at = portFrom(port);
  if (module === undefined || own === undefined)
    return serveUntilEnd(await serveFolder(folder, at), `the page also opens from ${page}`);
  const html = { status: 200, type: 'text/html; charset=utf-8' };
  serveUntilEnd(
    await serve(async url => (url === '/' ? { ...html, body: own } : notFound), at),
    `${module} as it is now: start again after a change`,
  );
}

/** The command `explore`. */
export const exploreCommand = (): Command =>
  new Command('explore')
    .description('serve the explorer on 127.0.0.1 and print its address; the page itself runs the model')
    .argument(
      '[module]',
      'a system of your own, ./my-system.ts: shown before ours. It runs your code with your rights, and Vite bundles it',
    )
    .option('--port <number>', 'the port; any free one where 0', '0')
    .option('-o, --output <file>', 'write the page there, as one file, and serve nothing')
    .action(explore);
