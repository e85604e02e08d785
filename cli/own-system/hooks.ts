import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type TypeScript from 'typescript';

/**
 * How Node loads a person's own modules: TypeScript is translated (no Node of today's range does all of it by itself),
 * and `pagewarden` is this package, wherever the module lies.
 */
interface Resolved {
  readonly url: string;
  readonly format?: string;
  readonly shortCircuit?: boolean;
}
interface Loaded {
  readonly format: string;
  readonly source: string;
  readonly shortCircuit: true;
}
interface Context {
  readonly parentURL?: string;
}

export function resolve(
  specifier: string,
  context: Context,
  next: (specifier: string, context: Context) => Promise<Resolved>,
): Promise<Resolved> {
  const isOurs = specifier === 'pagewarden' || specifier.startsWith('pagewarden/');
  return next(specifier, isOurs ? { ...context, parentURL: import.meta.url } : context);
}

export async function load<C>(
  url: string,
  context: C,
  next: (url: string, context: C) => Promise<Loaded>,
): Promise<Loaded> {
  if (!url.startsWith('file:') || !/\.m?ts$/.test(url)) return next(url, context);
  const compiler = await usableCompiler();
  if (compiler !== undefined)
    return { format: 'module', source: translated(fileURLToPath(url), compiler), shortCircuit: true };
  // a Node that has learned TypeScript itself
  if ('typescript' in process.features && process.features.typescript !== false) return next(url, context);
  throw new SyntaxError(
    `${basename(url)}: nothing here reads TypeScript: npm install --save-dev typescript@6, or Node 22.18 or later`,
  );
}

type Compiler = typeof TypeScript;

/** The compiler beside this package, where it has an interface for JavaScript: version 7 has none. */
async function usableCompiler(): Promise<Compiler | undefined> {
  const { default: found }: { default: Partial<Compiler> } = await import('typescript').catch(() => ({
    default: {},
  }));
  return hasInterface(found) ? found : undefined;
}

const hasInterface = (found: Partial<Compiler>): found is Compiler => found.transpileModule !== undefined;

/** @throws SyntaxError naming the file, the line and the column of the first thing that is no TypeScript. */
function translated(file: string, ts: Compiler): string {
  const { outputText, diagnostics = [] } = ts.transpileModule(readFileSync(file, 'utf8'), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: {
      module: ts.ModuleKind.ESNext,
      target: ts.ScriptTarget.ES2022,
      verbatimModuleSyntax: true,
      inlineSourceMap: true,
      inlineSources: true,
    },
  });
  const [first] = diagnostics;
  if (first === undefined) return outputText;
  const at = first.file?.getLineAndCharacterOfPosition(first.start ?? 0);
  const place = at === undefined ? '' : `:${at.line + 1}:${at.character + 1}`;
  const text = ts.flattenDiagnosticMessageText(first.messageText, ' ');
  throw new SyntaxError(`${basename(file)}${place}: ${text}`);
}
