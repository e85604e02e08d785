import type { Exploration, PropertyOutcome } from '../checker/index.ts';
import { type Choice, sizeText } from './choice.ts';
import { showResult, traceLines } from './print-trace.ts';

const count = (value: number): string => value.toLocaleString('en-US');
const row = (name: string, text: string): string => `  ${name.padEnd(12)}${text}`;
const titles = { pass: 'PASS', fail: 'FAIL', partial: 'PARTIAL' } as const;

const bounds: Readonly<Record<NonNullable<Exploration['bound']>, string>> = {
  states: 'the bound on states was hit',
  memory: 'the bound on memory was hit',
  depth: 'the bound on depth was hit',
  time: 'the bound on time was hit',
  interrupted: 'interrupted',
};

/** A run among many that passed: one line says it all. */
export function passLine({ family, profile }: Choice, found: Exploration, mutant?: string): string {
  const held = found.properties.filter(({ verdict }) => verdict === 'holds').length;
  const title = `${family.name}/${profile}${mutant === undefined ? '' : ` with ${mutant}`}`;
  const size = `${count(found.states).padStart(9)} states ${count(found.transitions).padStart(11)} transitions`;
  return `${titles.pass.padEnd(7)} ${title.padEnd(36)} ${size}  ${held} hold  ${found.seconds.toFixed(2)} s`;
}

/** The summary a person reads when a run is over. */
export function explorationLines(choice: Choice, found: Exploration, mutant?: string): string[] {
  const { family, profile, about } = choice;
  const title = `${family.name}/${profile}${mutant === undefined ? '' : ` with ${mutant}`}`;
  const failures = found.properties.filter(
    ({ verdict }) => verdict === 'violated' || verdict === 'not reached',
  );
  return [
    `${titles[found.result].padEnd(7)} ${title}: ${about}`,
    ...summaryRows(found, choice),
    coverageRow(found),
    ...coverageTable(found),
    ...failures.flatMap(outcome => ['', ...failureLines(outcome)]),
    ...twinLines(found),
    ...deadlockLines(found),
    ...(found.result === 'fail' ? ['', replayLine(choice, mutant)] : []),
  ];
}

function summaryRows(found: Exploration, { pinned }: Choice): string[] {
  const end =
    found.bound === undefined ? 'frontier empty -> exhaustive' : `PARTIAL: ${bounds[found.bound]}`;
  const { encoding, twin } = found;
  const always = found.properties.filter(({ property }) => property.kind !== 'sometimes');
  const held = always.filter(({ verdict }) => verdict === 'holds');
  const sometimes = found.properties.filter(({ property }) => property.kind === 'sometimes');
  const reached = sometimes.filter(({ verdict }) => verdict === 'reached');
  return [
    row(
      'states',
      `${count(found.states)} distinct, ${count(found.transitions)} transitions (${count(found.refused)} refused), depth ${found.depth}, ${end}`,
    ),
    row('levels', found.perLevel.map(count).join(' ')),
    ...(found.symmetry === undefined
      ? []
      : [
          row(
            'symmetry',
            `one state of each orbit under ${count(found.symmetry.exchanges)} exchanges; they stand for ${count(found.symmetry.represented)} states`,
          ),
        ]),
    row(
      'identity',
      `exact: rows of ${encoding.bitsPerState} bits, ${encoding.storage}; no fingerprint stands for a state`,
    ),
    ...(pinned === undefined || pinned.states !== found.states
      ? []
      : [row('count', `as pinned: ${pinned.because}`)]),
    row(
      'properties',
      found.bound === undefined
        ? `${held.length} of ${always.length} hold in every state and step of this profile`
        : `partial: ${always.filter(({ verdict }) => verdict === 'undecided').length} of ${always.length} undecided`,
    ),
    row('witnesses', `${reached.length} of ${sometimes.length} reached${deepest(reached)}`),
    ...(twin === undefined
      ? []
      : [
          row(
            'twin',
            twin.disagreement === undefined
              ? `agrees on all ${count(twin.distinctSteps)} distinct steps${found.bound === undefined ? '' : ' so far: partial'}`
              : 'DISAGREES',
          ),
        ]),
    row(
      'deadlock',
      found.deadlock.mode === 'off'
        ? 'not looked for'
        : found.deadlock.trace === undefined
          ? `none (${found.deadlock.mode})`
          : 'FOUND',
    ),
    ...(found.saveFailed === undefined ? [] : [row('NOT SAVED', found.saveFailed)]),
    row('time', `${found.seconds.toFixed(2)} s, real code ran ${count(found.evaluations)} times`),
  ];
}

function deepest(reached: readonly PropertyOutcome[]): string {
  const depths = reached.map(outcome => (outcome.verdict === 'reached' ? outcome.trace.steps.length : 0));
  const most = Math.max(0, ...depths);
  const outcome = reached[depths.indexOf(most)];
  return outcome === undefined ? '' : `, the deepest at depth ${most}: ${outcome.property.name}`;
}

/** One line an operation: how often each result came, how many states it found, and how early. */
function coverageRow({ coverage }: Exploration): string {
  const never = coverage.filter(({ results }) => results.size === 0).map(({ name }) => name);
  const called = `${coverage.length - never.length} of ${coverage.length} operations were called`;
  return row('coverage', never.length === 0 ? called : `${called}; never: ${never.join(', ')}`);
}

/** More columns than this do not fit a terminal: then each operation lists its own results. */
const widestTable = 6;

function coverageTable({ coverage }: Exploration): string[] {
  const results = [...new Set(coverage.flatMap(entry => [...entry.results.keys()]))];
  const name = Math.max(10, ...coverage.map(entry => entry.name.length));
  if (results.length > widestTable) {
    return coverage.map(entry => {
      const ended = [...entry.results].map(
        ([result, { transitions }]) => `${showResult(result)}: ${count(transitions)}`,
      );
      return `    ${entry.name.padEnd(name)}  ${ended.join(', ') || 'never called'}; new states: ${count(entry.newStates)}`;
    });
  }
  const width = Math.max(12, ...results.map(result => showResult(result).length + 2));
  const head = [...results.map(showResult), 'new states'].map(text => text.padStart(width)).join('');
  return [
    `    ${''.padEnd(name)}${head}`,
    ...coverage.map(entry => {
      const cells = results.map(result => count(entry.results.get(result)?.transitions ?? 0));
      return `    ${entry.name.padEnd(name)}${[...cells, count(entry.newStates)].map(text => text.padStart(width)).join('')}`;
    }),
  ];
}

function failureLines(outcome: PropertyOutcome): string[] {
  const { property } = outcome;
  const title = `${property.id === undefined ? '' : `${property.id} `}"${property.name}"`;
  if (outcome.verdict === 'not reached') {
    return [`FAIL  ${title}: no state of this profile shows it`, `  source  ${property.source}`];
  }
  if (outcome.verdict !== 'violated') return [];
  const { trace, about, why } = outcome;
  const length = `${trace.shortest ? 'shortest: ' : ''}${trace.steps.length} ${trace.steps.length === 1 ? 'step' : 'steps'}`;
  return [
    `FAIL  ${title}${about === '' ? '' : `   ${about}`}   ${length}`,
    ...traceLines(trace),
    ...(why === '' ? [] : [`  why     ${why}`]),
    `  source  ${property.source}`,
  ];
}

function twinLines({ twin }: Exploration): string[] {
  if (twin?.disagreement === undefined) return [];
  const { trace, why } = twin.disagreement;
  return [
    '',
    `FAIL  bits and protocol disagree   shortest: ${trace.steps.length} steps`,
    ...traceLines(trace),
    `  why     ${why}`,
  ];
}

function deadlockLines({ deadlock }: Exploration): string[] {
  if (deadlock.trace === undefined) return [];
  return [
    '',
    `FAIL  deadlock (${deadlock.mode})   shortest: ${deadlock.trace.steps.length} steps`,
    ...traceLines(deadlock.trace),
  ];
}

function replayLine({ family, profile, parameters, revision }: Choice, mutant: string | undefined): string {
  const size = profile === 'custom' ? ` --set ${sizeText(parameters)}` : ` --profile ${profile}`;
  const broken = mutant === undefined ? '' : ` --mutant ${mutant.includes(' ') ? `'${mutant}'` : mutant}`;
  const of = revision === undefined ? '' : ` --revision ${revision}`;
  return `again   pagewarden check ${family.name}${size}${of}${broken}`;
}
