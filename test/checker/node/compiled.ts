import { mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const root = resolve(import.meta.dirname, '../../..');

/**
 * The worker file, compiled to where Node can run it: threads get no help from the test runner. Only types are
 * stripped, nothing is checked.
 */
export function compiledWorker(): URL {
  const out = mkdtempSync(join(tmpdir(), 'pagewarden-worker-'));
  writeFileSync(join(out, 'package.json'), '{ "type": "module" }');
  symlinkSync(join(root, 'node_modules'), join(out, 'node_modules'));
  const files = readdirSync(join(root, 'checker'), { recursive: true, encoding: 'utf8' });
  for (const file of files.filter(name => name.endsWith('.ts'))) {
    const target = join(out, 'checker', file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    const { outputText } = ts.transpileModule(readFileSync(join(root, 'checker', file), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        rewriteRelativeImportExtensions: true,
      },
    });
    writeFileSync(target, outputText);
  }
  return pathToFileURL(join(out, 'checker/node/worker.js'));
}
