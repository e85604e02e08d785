import { readFileSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { enumerate, learnRelations } from '../checker/index.ts';
import { actionText } from '../graphs/export-names.ts';
import { fromDecision } from '../graphs/from-decision.ts';
import { fromMachine, fromMachineRun } from '../graphs/from-machine.ts';
import { fromStates, fullView } from '../graphs/from-states.ts';
import { toItf } from '../graphs/itf.ts';
import { machinePaths, simplePathStates } from '../graphs/machine-paths.ts';
import { picturesIn, showsProven, withPictures, withProven } from '../graphs/markdown.ts';
import { toMermaid } from '../graphs/mermaid.ts';
import { replay } from '../graphs/replay.ts';
import { recordTrace } from '../graphs/recorded-trace.ts';
import { toSequence } from '../graphs/sequence.ts';
import { viewsOf } from '../graphs/views.ts';
import { machines } from '../machines/index.ts';
import { loadSystems } from '../systems/index.ts';
import { type Choice, type ChoiceOptions, choicesFrom, systemOf } from './choice.ts';
import { once } from './once.ts';
import { CommandError, Exit } from './exit.ts';
import { formatNames, written } from './graph/formats.ts';
import { machineNamed } from './graph/machine-named.ts';
import { provenTable } from './graph/proven.ts';
import { chosenTrace } from './graph/read-traces.ts';
import { tracedSystem } from './graph/traced-system.ts';
import { interruption } from './interruption.ts';
import { showResult } from './print-trace.ts';

interface OutputOptions {
  readonly format: string;
  readonly output?: string;
  readonly anyway?: boolean;
}
interface SystemOptions extends ChoiceOptions, OutputOptions {
  readonly mutant?: string;
  readonly refused?: boolean;
  readonly loops?: boolean;
  readonly args?: boolean;
  readonly view?: string;
  readonly limit: string;
}

const usage = (message: string): CommandError => new CommandError(Exit.usage, message);

function put(text: string, output: string | undefined): void {
  if (output === undefined) process.stdout.write(text);
  else writeFileSync(output, text);
}

const withOutput = (command: Command): Command =>
  command
    .option('-f, --format <name>', formatNames, 'mermaid')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .option('--anyway', 'draw a picture of more boxes than anybody reads');

const withSystem = (command: Command): Command =>
  withOutput(command)
    .argument('<system>', 'see pagewarden list')
    .option('--profile <name>', 'a profile of the system; the first where left out', once)
    .option('--set <values>', 'a size of your own: pages=2,gpas=2')
    .option('--mutant <name>', 'with one named fault put in')
    .option('--refused', 'draw the refused calls too')
    .option('--args', 'write every call with its arguments')
    .option('--limit <states>', 'give up beyond so many states', '20000');

function machineGraph(
  name: string,
  options: OutputOptions & { run?: boolean; refused?: boolean },
): Promise<string> {
  const entry = machineNamed(name);
  const { machine, events, input } = entry;
  if (options.run !== true && options.refused !== true)
    return written(fromMachine(machine, entry), options.format, true);
  const graph = fromMachineRun(machine, events, entry, { input });
  const edges = graph.edges.filter(edge => options.refused === true || edge.refused !== true);
  return written({ ...graph, edges }, options.format, options.anyway === true);
}

const machineCommand = (): Command =>
  withOutput(new Command('machine'))
    .description('a machine as its configuration draws it: states, events, guards')
    .argument('<name>', machines.map(({ name }) => name).join(', '))
    .option('--run', 'what the guards let through, found by running every event in every state')
    .option('--refused', 'the same with the refused events')
    .action(async (name: string, options: OutputOptions & { run?: boolean; refused?: boolean }) => {
      put(await machineGraph(name, options), options.output);
    });

async function firstChoice(name: string, options: ChoiceOptions): Promise<Choice> {
  const [choice] = await choicesFrom([name], options);
  if (choice === undefined) throw usage(`${name} has no default profile: name one with --profile`);
  return choice;
}

/** The whole state space of a small system. */
async function spaceOf(name: string, options: SystemOptions) {
  const choice = await firstChoice(name, options);
  const system = systemOf(choice, options.mutant);
  const limit = Number(options.limit);
  if (!Number.isInteger(limit) || limit < 1)
    throw usage(`--limit: expected a whole number, got "${options.limit}"`);
  try {
    return { system, states: enumerate(system, limit) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CommandError(
      Exit.partial,
      `${error.message}: choose a smaller size (--set pages=1,gpas=1) or a higher --limit`,
    );
  }
}

const statesCommand = (): Command =>
  withSystem(new Command('states'))
    .description('the state space of a small system, every state a box')
    .option('--loops', 'keep the calls that change nothing')
    .action(async (name: string, options: SystemOptions) => {
      const { system, states } = await spaceOf(name, options);
      const graph = fromStates(system, states, fullView(system.slots), {
        refused: options.refused === true,
        loops: options.loops === true,
        args: options.args === true,
      });
      put(await written(graph, options.format, options.anyway === true), options.output);
    });

const quotientCommand = (): Command =>
  withSystem(new Command('quotient'))
    .description("all states seen as one page's protocol state, or as an ownership pattern")
    .option('--view <name>', 'which one, or part of its name; the first where left out')
    .action(async (name: string, options: SystemOptions) => {
      const { system, states } = await spaceOf(name, options);
      const views = viewsOf(system);
      const view = views.find(known => options.view === undefined || known.name.includes(options.view));
      if (view === undefined) {
        const known = views.map(one => one.name).join('; ');
        throw usage(
          known === '' ? `${name} has no views` : `${name} has no view "${options.view}"; it has: ${known}`,
        );
      }
      const shown = { refused: options.refused === true, args: options.args === true };
      const graph = fromStates(system, states, view, shown);
      put(await written(graph, options.format, options.anyway === true), options.output);
    });

const decisionCommand = (): Command =>
  withOutput(new Command('decision'))
    .description(
      'how the engine decides one call: the slots that it reads, and what it then returns and writes',
    )
    .argument('<system>', 'see pagewarden list')
    .option('--call <words>', 'which one, or part of it: "host_share_guest"; the first where left out', '')
    .option('--profile <name>', 'a profile of the system; the first where left out', once)
    .option('--set <values>', 'a size of your own: pages=2,gpas=2')
    .option('--mutant <name>', 'with one named fault put in')
    .action(async (name: string, options: SystemOptions & { readonly call: string }) => {
      const signal = interruption();
      const choice = await firstChoice(name, options);
      const relations = await learnRelations(systemOf(choice, options.mutant), { signal });
      const known = relations.steps.map(step => ({ ...step, text: actionText(step.action) }));
      const step = known.find(({ text }) => text.includes(options.call));
      if (step === undefined) {
        const names = [...new Set(known.map(({ action }) => action.name))].join(', ');
        throw usage(`${name} has no call "${options.call}"; it has ${names}`);
      }
      const graph = fromDecision(relations, step);
      put(await written(graph, options.format, options.anyway === true), options.output);
      if (relations.found.bound !== undefined) process.exitCode = Exit.partial;
    });

const pathsCommand = (): Command =>
  new Command('paths')
    .description('the paths that @xstate/graph generates through a machine, each as a line of calls')
    .argument('<name>', machines.map(({ name }) => name).join(', '))
    .option(
      '--simple',
      `every path that comes to no state twice (machines of up to ${simplePathStates} states)`,
    )
    .option('--json', 'print one JSON array of {to, events}')
    .action((name: string, { simple, json }: { simple?: boolean; json?: boolean }) => {
      const { machine, events, input } = machineNamed(name);
      const states = fromMachine(machine).nodes.length;
      if (simple === true && states > simplePathStates) {
        throw usage(
          `${name} has ${states} states: more simple paths than anybody waits for; leave --simple out`,
        );
      }
      const paths = machinePaths(machine, simple === true ? 'simple' : 'shortest', { events, input });
      if (json === true) console.log(JSON.stringify(paths, undefined, 2));
      else for (const path of paths) console.log(`${path.to}: ${path.events.join(', ') || '(initial)'}`);
    });

interface TraceOptions {
  readonly property?: string;
  readonly format: string;
  readonly output?: string;
}

const traceCommand = (): Command =>
  new Command('trace')
    .description('a counterexample as a sequence diagram, or in another form')
    .argument('<file>', 'what check --json printed, or an ITF trace; - is standard input')
    .option('--property <words>', 'the trace of this property; the first where left out')
    .option('-f, --format <name>', 'mermaid, itf', 'mermaid')
    .option('-o, --output <file>', 'write there instead of to standard output')
    .action(async (file: string, options: TraceOptions) => {
      const recorded = chosenTrace(file, options.property);
      const system = await tracedSystem(recorded, file);
      const { trace } = replay(system, { ...recorded, states: [] });
      const { property } = recorded;
      const ending = [property?.name, property?.why].filter(part => part !== undefined).join(':\n');
      if (options.format === 'itf') put(toItf(recordTrace(system, trace, recorded)), options.output);
      else if (options.format === 'mermaid') {
        const text = { callee: 'pkvm', result: showResult, ...(ending === '' ? {} : { ending }) };
        put(toSequence(trace, text), options.output);
      } else throw usage(`there is no format ${options.format} for a trace; there are mermaid, itf`);
    });

const markdownCommand = (): Command =>
  new Command('markdown')
    .description(
      'make the generated parts of Markdown files anew: a Mermaid block below <!-- pagewarden graph machine NAME -->, and below <!-- pagewarden proven --> the table of what is proven',
    )
    .argument('<file...>')
    .option('--check', `change nothing; exit code ${Exit.forbidden} where a picture is not as drawn`)
    .action(async (files: string[], { check }: { check?: boolean }) => {
      for (const file of files) {
        const text = readFileSync(file, 'utf8');
        const pictured = withPictures(text, name => {
          const entry = machineNamed(name);
          return toMermaid(fromMachine(entry.machine, entry));
        });
        const drawn = showsProven(text)
          ? withProven(pictured, await provenTable(await loadSystems()))
          : pictured;
        const isOld = drawn !== text;
        const state = !isOld ? 'as drawn' : check === true ? 'NOT as drawn' : 'drawn anew';
        console.log(`${file}: ${picturesIn(text).join(', ') || 'no pictures'}: ${state}`);
        if (isOld && check === true) process.exitCode = Exit.forbidden;
        else if (isOld) writeFileSync(file, drawn);
      }
    });

/** The command `graph`. */
export const graphCommand = (): Command =>
  [
    machineCommand,
    statesCommand,
    quotientCommand,
    decisionCommand,
    pathsCommand,
    traceCommand,
    markdownCommand,
  ].reduce(
    (graph, make) => graph.addCommand(make().exitOverride()),
    new Command('graph').description('machines, state spaces and traces as graphs that tools take'),
  );
