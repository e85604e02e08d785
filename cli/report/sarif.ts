import { bodyOf, type Case, countOf, type Report } from './report.ts';

/** A path as SARIF has it: a relative URI with slashes. */
const uriOf = (file: string): string =>
  file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');

function resultOf(one: Case, rules: readonly string[]): object {
  const { suite, rule, name, outcome, place } = one;
  return {
    ruleId: rule,
    ruleIndex: rules.indexOf(rule),
    // what is not known is open, and an open result has no level
    ...(outcome === 'failed' ? { kind: 'fail', level: 'error' } : { kind: 'open', level: 'none' }),
    message: { text: `${name}\n${bodyOf(one)}` },
    locations: [
      {
        ...(place === undefined
          ? {}
          : {
              physicalLocation: {
                artifactLocation: { uri: uriOf(place.file) },
                ...(place.line === undefined ? {} : { region: { startLine: place.line } }),
              },
            }),
        logicalLocations: [{ fullyQualifiedName: suite }],
      },
    ],
  };
}

/** SARIF 2.1.0: a rule a sentence, a result for each that did not pass. */
export function toSarif({ tool, cases }: Report): string {
  const byRule = new Map(cases.map(one => [one.rule, one]));
  const rules = [...byRule.keys()];
  const driver = {
    name: tool,
    rules: [...byRule.values()].map(({ rule, name, source }) => ({
      id: rule,
      shortDescription: { text: name },
      ...(source === undefined ? {} : { help: { text: source } }),
    })),
  };
  const results = cases.filter(({ outcome }) => outcome !== 'passed').map(one => resultOf(one, rules));
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver },
        invocations: [{ executionSuccessful: countOf(cases, 'unknown') === 0 }],
        results,
      },
    ],
  };
  return JSON.stringify(log, undefined, 2);
}
