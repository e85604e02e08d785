import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

/**
 * What is exported is imported somewhere, or is part of the package: an export that only its own file uses is a
 * promise to nobody.
 */
const root = resolve(import.meta.dirname, '..');
const rooms = [
  ...['model', 'machines', 'properties', 'systems', 'checker', 'graphs', 'oracle', 'evidence', 'suites'],
  ...['cli', 'explorer', 'test', 'bench', 'examples'],
];
const files = [
  'index.ts',
  ...rooms.flatMap(room =>
    readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })
      .filter(name => /\.tsx?$/.test(name))
      .map(name => join(room, name)),
  ),
].map(file => join(root, file));
const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, { 'pagewarden-source': string } | string>;
};
const isEntry = new Set(
  Object.values(entries).flatMap(entry =>
    typeof entry === 'string' ? [] : [join(root, entry['pagewarden-source'])],
  ),
);

const exported = new Map<string, Set<string>>();
/** What is imported of each file; `*` is everything. */
const used = new Map<string, Set<string>>();
const use = (from: string, specifier: ts.Expression | undefined, names: readonly string[]): void => {
  if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.')) return;
  const target = resolve(from, '..', specifier.text);
  const known = used.get(target) ?? new Set();
  for (const name of names) known.add(name);
  used.set(target, known);
};

const isExported = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  ts.getModifiers(node)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true;

/** The values that a declaration binds; types cost nothing, and say what a signature speaks of. */
function namesOf(statement: ts.Statement): readonly string[] {
  if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) return [];
  if (ts.isVariableStatement(statement)) {
    const names: string[] = [];
    const bind = (name: ts.BindingName): void => {
      if (ts.isIdentifier(name)) names.push(name.text);
      else for (const element of name.elements) if (ts.isBindingElement(element)) bind(element.name);
    };
    for (const { name } of statement.declarationList.declarations) bind(name);
    return names;
  }
  const { name } = statement as ts.Statement & { name?: ts.Node };
  return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
}

/** `import('./x.ts')` and `typeof import('./x.ts')`: whatever is in it may be used. */
function visitDynamic(file: string, node: ts.Node): void {
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
    use(file, node.arguments[0], ['*']);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    use(file, node.argument.literal as ts.Expression, ['*']);
  ts.forEachChild(node, child => visitDynamic(file, child));
}

for (const file of files) {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const own = new Set<string>();
  exported.set(file, own);
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      const bindings = statement.importClause?.namedBindings;
      const names =
        bindings === undefined || ts.isNamespaceImport(bindings)
          ? ['*']
          : bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
      use(file, statement.moduleSpecifier, names);
    } else if (ts.isExportDeclaration(statement)) {
      const clause = statement.exportClause;
      if (clause === undefined || ts.isNamespaceExport(clause)) use(file, statement.moduleSpecifier, ['*']);
      else {
        use(
          file,
          statement.moduleSpecifier,
          clause.elements.map(({ name, propertyName }) => (propertyName ?? name).text),
        );
        for (const { name } of clause.elements) own.add(name.text);
      }
    } else if (isExported(statement)) for (const name of namesOf(statement)) own.add(name);
  }
  if (/\bimport\(/.test(text)) visitDynamic(file, source);
}

test('every export is imported somewhere, or is part of the package', () => {
  const dead = [...exported]
    // an index is the face of its folder, and shows what a caller may come to need
    .filter(
      ([file]) =>
        !isEntry.has(file) && !/\/index\.ts$|own-system\/hooks\.ts$|\.test\.ts$|\.config\.ts$/.test(file),
    )
    .flatMap(([file, names]) =>
      [...names]
        .filter(name => !(used.get(file)?.has(name) ?? false) && !(used.get(file)?.has('*') ?? false))
        .map(name => `${file.slice(root.length + 1)}: ${name}`),
    );
  expect(exported.size).toBeGreaterThan(300);
  expect(dead).toEqual([]);
});
