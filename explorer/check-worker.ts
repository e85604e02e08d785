import {
  type Exploration,
  explore,
  initialState,
  type PropertyOutcome,
  prove,
  type System,
  type Trace,
  verdictsOf,
} from '../checker/index.ts';
import { fromStates } from '../graphs/from-states.ts';
import { neighbourhood } from '../graphs/neighbourhood.ts';
import { viewsOf } from '../graphs/views.ts';
import type { Answer, CheckedProperty, CheckReport, Question } from './check-messages.ts';
import { sessionOf } from './session.ts';
import { loadShownSystems } from './systems.ts';

/** What a page's own check may take: a phone has to live with it. */
const limits = { maxStates: 1_000_000, maxSeconds: 60, maxMemoryBytes: 512 * 1024 * 1024 };
/** How many states a quotient is made from: beyond, it is said to be a part. */
const quotientStates = 2_000;

const say = (answer: Answer): void => postMessage(answer);

const pathOf = (system: System, trace: Trace): number[] =>
  trace.steps.map(({ action }) => system.actions.indexOf(action));

function checkedProperty(system: System, outcome: PropertyOutcome): CheckedProperty {
  const { verdict, property } = outcome;
  switch (verdict) {
    case 'violated':
      return {
        name: property.name,
        verdict,
        about: outcome.about,
        why: outcome.why,
        path: pathOf(system, outcome.trace),
      };
    case 'reached':
      return { name: property.name, verdict, about: outcome.about, path: pathOf(system, outcome.trace) };
    default:
      return { name: property.name, verdict };
  }
}

function reportOf(system: System, found: Exploration): CheckReport {
  const disagreement = found.twin?.disagreement;
  return {
    result: found.result,
    ...(found.bound === undefined ? {} : { bound: found.bound }),
    states: found.states,
    transitions: found.transitions,
    depth: found.depth,
    seconds: found.seconds,
    properties: found.properties.map(outcome => checkedProperty(system, outcome)),
    ...(disagreement === undefined
      ? {}
      : { disagreement: { why: disagreement.why, path: pathOf(system, disagreement.trace) } }),
  };
}

async function answer(question: Question): Promise<Answer> {
  await loadShownSystems();
  const session = sessionOf(question);
  if (session === undefined) return { answer: 'fault', message: `there is no system ${question.system}` };
  const { system } = session;
  if (question.ask === 'prove') {
    const sized = session.family.sized?.(session.profile.parameters, session.mutant?.name);
    if (sized === undefined)
      return { answer: 'fault', message: `${system.name} does not say what its slots are indexed by` };
    return { answer: 'proved', sentences: verdictsOf(await prove(sized)) };
  }
  if (question.ask === 'check') {
    const found = await explore(system, {
      ...limits,
      stopAtViolation: session.mutant !== undefined,
      onProgress: progress => say({ answer: 'progress', progress }),
    });
    return { answer: 'checked', report: reportOf(system, found) };
  }
  const view = viewsOf(system).find(({ name }) => name === question.view);
  if (view === undefined)
    return { answer: 'fault', message: `${system.name} has no view ${question.view}` };
  const near = neighbourhood(system, initialState(system), {
    steps: Number.POSITIVE_INFINITY,
    limit: quotientStates,
  });
  return {
    answer: 'quotient',
    graph: fromStates(system, near, view),
    states: near.states.length,
    complete: near.states.length < quotientStates,
  };
}

/** Answers every question that the page asks of this worker. */
export function answerQuestions(): void {
  onmessage = ({ data }: MessageEvent<Question>): void => {
    answer(data).then(say, (error: unknown) => say({ answer: 'fault', message: String(error) }));
  };
}
