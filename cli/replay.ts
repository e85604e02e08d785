import { Command } from 'commander';
import { valueJson } from '../checker/index.ts';
import type { RecordedTrace } from '../graphs/recorded-trace.ts';
import { type Divergence, replay } from '../graphs/replay.ts';
import { CommandError, Exit } from './exit.ts';
import { readTraces } from './graph/read-traces.ts';
import { tracedSystem } from './graph/traced-system.ts';
import { showResult, traceLines } from './print-trace.ts';

const jsonHelp = `
--json prints one array, an object a trace: { system, mutant, property, calls, deviation }. A deviation is { kind, step,
expected, found, slot } with kind "no such call", "disabled", "result" or "value"; step 0 is the initial state.
The exit code is ${Exit.ok} where every trace does as it says and ${Exit.forbidden} where one deviates.`;

/** A deviation in one sentence. */
function sentence(deviation: Divergence): string {
  const { kind, step, found } = deviation;
  switch (kind) {
    case 'no such call':
      return `step ${step}: the system has no call ${found}`;
    case 'disabled':
      return `step ${step}: ${found} does not exist in this state`;
    case 'result':
      return `step ${step}: the trace says ${showResult(deviation.expected)}, the call returned ${showResult(found)}`;
    case 'value':
      return `${step === 0 ? 'the initial state' : `step ${step}`}: ${deviation.slot} is ${valueJson(found)}, the trace says ${valueJson(deviation.expected)}`;
  }
}

const titleOf = ({ system, profile, mutant, property }: RecordedTrace): string =>
  [
    `${system}${profile === undefined ? '' : `/${profile}`}`,
    mutant === undefined ? '' : ` with ${mutant}`,
    property === undefined ? '' : `: ${property.name}`,
    property?.why === undefined ? '' : ` (${property.why})`,
  ].join('');

interface Ran {
  readonly deviation: Divergence | undefined;
  readonly json: object;
}

async function run(recorded: RecordedTrace, file: string, quiet: boolean): Promise<Ran> {
  const { trace, deviation } = replay(await tracedSystem(recorded, file), recorded);
  if (!quiet) {
    console.log([titleOf(recorded), ...traceLines(trace)].join('\n'));
    console.log(deviation === undefined ? 'as recorded\n' : `DEVIATES at ${sentence(deviation)}\n`);
  }
  const { system, mutant, property } = recorded;
  const said = deviation === undefined ? {} : { deviation: withJsonValues(deviation) };
  const origin = { system, ...(mutant && { mutant }), ...(property && { property: property.name }) };
  return { deviation, json: { ...origin, calls: recorded.calls.length, ...said } };
}

const withJsonValues = (deviation: Divergence): object =>
  Object.fromEntries(Object.entries(deviation).map(([key, value]) => [key, valueJson(value)]));

/** The command `replay`. */
export const replayCommand = (): Command =>
  new Command('replay')
    .description('run an ITF or JSON trace again, print it, and say where it deviates')
    .argument('<file>', 'what check --json printed, or an ITF trace; - is standard input')
    .option('--property <words>', 'only the traces of this property')
    .option('--json', 'print one JSON array instead of text')
    .addHelpText('after', jsonHelp)
    .action(async (file: string, { property, json }: { property?: string; json?: boolean }) => {
      const traces = readTraces(file).filter(
        trace => property === undefined || trace.property?.name.includes(property) === true,
      );
      if (traces.length === 0) {
        const about = property === undefined ? '' : ` of "${property}"`;
        throw new CommandError(Exit.badInput, `${file}: holds no trace${about}`);
      }
      const ran: Ran[] = [];
      for (const trace of traces) ran.push(await run(trace, file, json === true));
      if (json === true)
        console.log(
          JSON.stringify(
            ran.map(one => one.json),
            undefined,
            2,
          ),
        );
      else console.log(`${ran.length} trace${ran.length === 1 ? '' : 's'}, ${deviating(ran)} deviating`);
      process.exitCode = deviating(ran) > 0 ? Exit.forbidden : Exit.ok;
    });

const deviating = (ran: readonly Ran[]): number =>
  ran.filter(({ deviation }) => deviation !== undefined).length;
