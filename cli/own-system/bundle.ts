import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { CommandError, Exit } from '../exit.ts';

/** What the page finds it by; `explorer/systems.ts` looks there. */
const globalName = 'pagewardenOwnSystem';

/** `pagewarden` is this package, wherever the module lies: as in `hooks.ts`. */
const ourPackage: Plugin = {
  name: 'our-package',
  enforce: 'pre',
  resolveId: id => (/^pagewarden(\/|$)/.test(id) ? fileURLToPath(import.meta.resolve(id)) : undefined),
};

/** A page runs in no Node: what a module takes from there is told at once, and not when a call fails. */
const noNode: Plugin = {
  name: 'no-node',
  enforce: 'pre',
  resolveId(id, importer) {
    if (!id.startsWith('node:')) return undefined;
    throw new Error(`${importer ?? 'it'} imports ${id}, which a page does not have`);
  },
};

/**
 * The module of a person's own as one classic script, with all that it imports: it leaves the module's default export
 * in a global, for a page and for its worker.
 *
 * @throws CommandError where Vite is not installed, or the module cannot be had in a page.
 */
export async function bundleOf(path: string): Promise<string> {
  const vite = await import('vite').catch(() => {
    throw new CommandError(
      Exit.usage,
      `${path} is bundled for the page by Vite: npm install --save-dev vite`,
    );
  });
  const built = await vite
    .build({
      configFile: false,
      logLevel: 'silent',
      plugins: [ourPackage, noNode],
      build: {
        write: false,
        minify: false,
        lib: { entry: resolve(path), formats: ['iife'], name: globalName, fileName: 'own-system' },
        rolldownOptions: { output: { exports: 'named' } },
      },
    })
    .catch((error: unknown) => {
      throw new CommandError(
        Exit.badInput,
        `${path}: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  const parts = [built].flat().flatMap(part => ('output' in part ? part.output : []));
  const code = parts.flatMap(part => (part.type === 'chunk' ? [part.code] : [])).join('\n');
  return `${code}\nglobalThis.${globalName} = { ...${globalName}.default, name: ${JSON.stringify(path)} };\n`;
}

/** The explorer's page with a system of one's own in it, before the page's own script. */
export const pageWith = (page: string, script: string): string =>
  page.replace(
    '<script type="module">',
    tag => `<script id="own-system">${script.replaceAll('</script', '<\\/script')}</script>\n${tag}`,
  );
