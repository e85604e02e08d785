import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Exit, type ExitCode } from '../../cli/exit.ts';
import { exitOfProcessor, processorJson, processorText } from '../../cli/oracle/check-processor.ts';
import { writeBootSuite } from '../../cli/suite/boot.ts';
import { checkProcessor, type ProcessorReport } from '../../oracle/processor/index.ts';
import { NotToBeHad, run } from '../programs.ts';
import { installBochs, runBochs } from './bochs.ts';
import { type MachineVerdict, verdictOn } from './expected-differences.ts';

/**
 * From nothing to a verdict on a processor that runs: Debian's Bochs boots our test hypervisor, which makes thousands of
 * VM entries; each is held against the specification, and what differs must be known of that version of Bochs.
 */
const usage = `usage: npm run machine -- [--cpu MODEL] [--folder FOLDER] [--json]

--cpu     a model of Bochs with EPT and SPP: corei7_icelake_u by default; tigerlake
--folder  keeps the sources, the image and the record there`;

/** The machine takes 12 to 20 seconds on a quiet computer. */
const machineMs = 200_000;

interface Ran {
  readonly version: string;
  readonly report: ProcessorReport;
  readonly verdict: MachineVerdict;
  readonly seconds: number;
}

async function machine(folder: string, cpu: string, say: (line: string) => void): Promise<Ran> {
  const start = performance.now();
  const since = (): string => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  installBochs();
  writeBootSuite({ out: folder });
  run('sh', [join(folder, 'build.sh')]);
  say(`${since()}: the image is built`);
  const { version, lines } = await runBochs(folder, cpu, machineMs);
  say(`${since()}: Bochs ${version} has run it`);
  const report = checkProcessor(lines);
  const verdict = verdictOn(report, version);
  return { version, report, verdict, seconds: (performance.now() - start) / 1000 };
}

/** As `oracle check`, but that known differences are none. */
const exitOf = ({ report, verdict }: Ran): ExitCode =>
  exitOfProcessor({ ...report, groups: verdict.others });

function* lines({ version, report, verdict, seconds }: Ran, cpu: string): Generator<string> {
  const { expected, others, unseen } = verdict;
  yield `Bochs ${version}, ${cpu}`;
  yield* processorText({ ...report, groups: [...expected, ...others] }, 'record');
  const count = (groups: typeof expected): number =>
    groups.reduce((sum, { entries }) => sum + entries.length, 0);
  yield `known of Bochs ${version}: ${count(expected)} differences; not known: ${count(others)}`;
  if (unseen.length > 0) yield `known of Bochs ${version} and not seen: ${unseen.join(', ')}`;
  yield `${seconds.toFixed(0)} s`;
}

const json = ({ version, report, verdict, seconds }: Ran, cpu: string): Record<string, unknown> => ({
  bochs: version,
  cpu,
  seconds,
  ...processorJson(report),
  known: verdict.expected.map(({ causes }) => causes.map(({ name }) => name)),
  notKnown: verdict.others.map(({ causes }) => causes.map(({ name }) => name)),
  unseen: verdict.unseen,
});

async function main(): Promise<ExitCode> {
  const { values } = parseArgs({
    options: {
      cpu: { type: 'string', default: 'corei7_icelake_u' },
      folder: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return Exit.ok;
  }
  const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'pagewarden-machine-'));
  mkdirSync(folder, { recursive: true });
  process.once('SIGINT', () => process.exit(Exit.partial));
  try {
    const ran = await machine(folder, values.cpu, line => {
      if (!values.json) console.log(line);
    });
    const exit = exitOf(ran);
    if (values.json) console.log(JSON.stringify({ ...json(ran, values.cpu), exit }, undefined, 2));
    else for (const line of lines(ran, values.cpu)) console.log(line);
    return exit;
  } catch (error) {
    if (!(error instanceof NotToBeHad)) throw error;
    console.error(`machine: ${error.message}`);
    return Exit.unknown;
  } finally {
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
