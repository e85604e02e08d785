import { bodyOf, type Case, countOf, type Report, suitesOf } from './report.ts';

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
};
/** XML 1.0 has no place for control characters, not even as references. */
const isForbidden = (letter: string): boolean => letter < ' ' && !'\t\n\r'.includes(letter);

/** A text that may stand between tags or, with its line breaks as references, in an attribute. */
const escaped = (text: string, pattern = /[&<>]/g): string =>
  [...text]
    .filter(letter => !isForbidden(letter))
    .join('')
    .replace(pattern, letter => named[letter] ?? letter);
const attribute = (name: string, value: string | number): string =>
  ` ${name}="${escaped(String(value), /[&<>"\n]/g)}"`;

const elements = { failed: 'failure', unknown: 'error' } as const;

function caseXml(one: Case): string {
  const { suite, rule, name, outcome, message = '', place } = one;
  const title = rule === name ? name : `${rule}: ${name}`;
  const head = `    <testcase${attribute('classname', suite)}${attribute('name', title)}`;
  if (outcome === 'passed') return `${head}/>`;
  const at =
    place === undefined ? '' : `${place.file}${place.line === undefined ? '' : `:${place.line}`}: `;
  const element = elements[outcome];
  return `${head}>\n      <${element}${attribute('type', rule)}${attribute('message', at + message)}>${escaped(bodyOf(one))}</${element}>\n    </testcase>`;
}

const counts = (cases: readonly Case[]): string =>
  attribute('tests', cases.length) +
  attribute('failures', countOf(cases, 'failed')) +
  attribute('errors', countOf(cases, 'unknown'));

/** JUnit XML as Jenkins, GitLab and others read it: what failed is a failure, what is not known an error. */
export function toJunit(report: Report): string {
  const suites = [...suitesOf(report)].map(
    ([suite, cases]) =>
      `  <testsuite${attribute('name', suite)}${counts(cases)}>\n${cases.map(caseXml).join('\n')}\n  </testsuite>`,
  );
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attribute('name', report.tool)}${counts(report.cases)}>`,
    ...suites,
    '</testsuites>',
  ].join('\n');
}
