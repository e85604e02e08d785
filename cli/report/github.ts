import { bodyOf, type Case, countOf, type Report } from './report.ts';

/** As the runner's workflow commands escape what would end a message or a property. */
const message = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => message(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const levels = { failed: 'error', unknown: 'warning' } as const;

function annotation(one: Case): string[] {
  const { outcome, suite, rule, place } = one;
  if (outcome === 'passed') return [];
  const properties = [
    `title=${property(`${suite}: ${rule}`)}`,
    ...(place === undefined ? [] : [`file=${property(place.file)}`]),
    ...(place?.line === undefined ? [] : [`line=${place.line}`]),
  ];
  return [`::${levels[outcome]} ${properties.join(',')}::${message(`${one.name}\n${bodyOf(one)}`)}`];
}

/** Workflow commands of GitHub Actions: an annotation a case that did not pass, at its file and line where it has any. */
export const toGithub = ({ tool, cases }: Report): string =>
  [
    ...cases.flatMap(annotation),
    `${tool}: ${countOf(cases, 'passed')} of ${cases.length} passed, ${countOf(cases, 'failed')} failed, ${countOf(cases, 'unknown')} unknown`,
  ].join('\n');
