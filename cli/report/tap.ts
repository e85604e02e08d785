import { bodyOf, type Case, type Report } from './report.ts';

/** A description ends at `#`, where a directive begins: `TODO` there would make a failure count as passed. */
const described = (text: string): string => text.replaceAll('\n', ' ').replaceAll(/[\\#]/g, '\\$&');

function lines(one: Case, at: number): string[] {
  const { suite, rule, name, outcome, place } = one;
  const title = described(`${suite}: ${rule === name ? name : `${rule}: ${name}`}`);
  if (outcome === 'passed') return [`ok ${at + 1} - ${title}`];
  const text = bodyOf(one).split('\n');
  return [
    `not ok ${at + 1} - ${title}`,
    '  ---',
    `  severity: ${outcome === 'failed' ? 'fail' : 'unknown'}`,
    ...(place === undefined ? [] : [`  file: ${JSON.stringify(place.file)}`]),
    ...(place?.line === undefined ? [] : [`  line: ${place.line}`]),
    '  message: |',
    ...text.map(line => `    ${line}`),
    '  ...',
  ];
}

/** TAP version 14. What is not known is `not ok`. */
export const toTap = ({ cases }: Report): string =>
  ['TAP version 14', `1..${cases.length}`, ...cases.flatMap(lines)].join('\n');
