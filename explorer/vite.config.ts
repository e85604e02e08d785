import { defineConfig, type Plugin } from 'vite';

/**
 * Puts script and style into the page itself. A page opened from a folder or a report may load neither modules nor
 * workers from beside it, so the one file is all there is.
 */
function oneFile(): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    generateBundle(_options, bundle) {
      const page = bundle['index.html'];
      if (page?.type !== 'asset') return;
      let html = String(page.source);
      for (const [name, part] of Object.entries(bundle)) {
        const source = part.type === 'chunk' ? part.code : String(part.source);
        const isScript = name.endsWith('.js');
        const tag = new RegExp(
          isScript
            ? `<script[^>]*src="[^"]*${name}"[^>]*></script>`
            : `<link[^>]*href="[^"]*${name}"[^>]*>`,
        );
        if (name === 'index.html' || !tag.test(html)) continue;
        // an inline module runs when the page is parsed, wherever it stands
        const inline = isScript
          ? `<script type="module">${source.replaceAll('</script', '<\\/script')}</script>`
          : `<style>${source}</style>`;
        html = html.replace(tag, () => inline);
        Reflect.deleteProperty(bundle, name); // it is in the page now
      }
      page.source = html;
    },
  };
}

/** A command loads the one system that it needs; in the one file, whose worker loads nothing, all are there at once. */
function loadedAtOnce(): Plugin {
  return {
    name: 'loaded-at-once',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/systems/registry.ts')) return undefined;
      const imports: string[] = [];
      const atOnce = code.replace(/\bawait import\((?<path>'[^']+')\)/g, (_, path: string) => {
        const name = `loaded${imports.length}`;
        imports.push(`import * as ${name} from ${path};\n`);
        return name;
      });
      return imports.join('') + atOnce;
    },
  };
}

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [loadedAtOnce(), oneFile()],
  build: {
    outDir: '../dist/explorer',
    emptyOutDir: true,
    modulePreload: false,
    chunkSizeWarningLimit: 3000,
    reportCompressedSize: false,
  },
});
