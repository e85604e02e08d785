import { expect, test } from 'vitest';
import { filesImportedBy, sourceFiles } from '../import-graph.ts';

/** The folders of checker/ from the bottom up, as checker/README.md reads them: each may import those before it. */
const rungs = [
  'forks',
  'system',
  'learn',
  'compile',
  'symmetry',
  'search',
  'report',
  'saving',
  'prove',
  'node',
];
/** The files on top, which may import every folder but the one that needs Node. */
const top = 'the top';
const rungOf = (file: string): string => /^checker\/([^/]+)\//.exec(file)?.[1] ?? top;

test('every folder of checker/ is a rung of the ladder', () => {
  expect([...new Set(sourceFiles('checker').map(rungOf))].toSorted()).toEqual([...rungs, top].toSorted());
});

test.each([...rungs, top])('%s imports nothing above it', rung => {
  const below = rung === top ? rungs.slice(0, -1) : rungs.slice(0, rungs.indexOf(rung));
  // node/ and prove/ stand beside the entry of the engine, and run it
  const allowed = [rung, ...below, ...(rung === 'node' || rung === 'prove' ? [top] : [])];
  const wrong = sourceFiles('checker')
    .filter(file => rungOf(file) === rung)
    .flatMap(file =>
      filesImportedBy(file)
        .filter(target => !allowed.includes(rungOf(target)))
        .map(target => `${file} imports ${target}`),
    );
  expect(wrong).toEqual([]);
});
