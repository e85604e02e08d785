import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Exit, type ExitCode } from '../../cli/exit.ts';
import { exitOfProcessor, processorJson, processorText } from '../../cli/oracle/check-processor.ts';
import { writeBootSuite } from '../../cli/suite/boot.ts';
import { checkProcessor, type ProcessorReport } from '../../oracle/processor/index.ts';
import { NotToBeHad, run } from '../programs.ts';
import { chooseProcessor, installBochs, runBochs } from './bochs.ts';
import { makeLinuxImage } from './linux/image.ts';
import { isRight, kvmLines, type KvmVerdict, runsIn, verdictOnRun } from './linux/kvm-runs.ts';
import { type MachineVerdict, verdictOn } from './expected-differences.ts';

/**
 * From nothing to a verdict on a processor that runs: Debian's Bochs boots our test hypervisor, which makes thousands of
 * VM entries; each is held against the specification, and what differs must be known of that version of Bochs.
 */
const usage = `usage: npm run machine -- [--linux] [--paths N] [--cpu MODEL] [--folder FOLDER] [--json]

--linux   boots Debian's kernel too, with KVM and two vCPUs, and holds its trace and its EPT against the walk
--paths   how many paths of "prove spp-walk" are walked beside the vectors, 1000 by default
--cpu     a model of Bochs with EPT and SPP: corei7_icelake_u by default; tigerlake
--folder  keeps the sources, the image and the record there`;

/** The machine takes 12 to 20 seconds on a quiet computer, the kernel 60 to 75. */
const machineMs = 200_000;
const linuxMs = 400_000;

interface Ran {
  readonly version: string;
  readonly report: ProcessorReport;
  readonly verdict: MachineVerdict;
  readonly linux: LinuxRan | undefined;
  readonly seconds: number;
}

/** What the kernel of Debian did. */
interface LinuxRan {
  readonly kernel: string;
  readonly runs: readonly KvmVerdict[];
}

async function linux(folder: string, say: (line: string) => void): Promise<LinuxRan> {
  const sources = join(import.meta.dirname, '../../../bench/machine/linux');
  const kernel = makeLinuxImage(folder, sources);
  say(`the image with kernel ${kernel} is made`);
  const { lines: printed } = await runBochs(folder, linuxMs);
  say('the kernel has run');
  return { kernel, runs: runsIn(printed).map(verdictOnRun) };
}

async function machine(
  folder: string,
  { cpu, paths, withLinux }: { readonly cpu: string; readonly paths: number; readonly withLinux: boolean },
  print: (line: string) => void,
): Promise<Ran> {
  const start = performance.now();
  const say = (line: string): void => {
    print(`${((performance.now() - start) / 1000).toFixed(0)} s: ${line}`);
  };
  installBochs();
  writeBootSuite({ out: folder, ...(paths > 0 ? { cover: 'paths', sample: paths } : {}) });
  run('sh', [join(folder, 'build.sh')]);
  say('the image is built');
  chooseProcessor(folder, cpu);
  const { version, lines } = await runBochs(folder, machineMs);
  say(`Bochs ${version} has run it`);
  const report = checkProcessor(lines);
  const verdict = verdictOn(report, version);
  const kernelFolder = join(folder, 'linux');
  mkdirSync(kernelFolder, { recursive: true });
  const kernel = withLinux ? await linux(kernelFolder, say) : undefined;
  return { version, report, verdict, linux: kernel, seconds: (performance.now() - start) / 1000 };
}

/** As `oracle check`, but that known differences are none. */
const exitOf = ({ report, verdict, linux: kernel }: Ran): ExitCode =>
  kernel?.runs.every(isRight) === false
    ? Exit.forbidden
    : exitOfProcessor({ ...report, groups: verdict.others });

function* lines({ version, report, verdict, linux: kernel, seconds }: Ran, cpu: string): Generator<string> {
  const { expected, others, unseen } = verdict;
  yield `Bochs ${version}, ${cpu}`;
  yield* processorText({ ...report, groups: [...expected, ...others] }, 'record');
  const count = (groups: typeof expected): number =>
    groups.reduce((sum, { entries }) => sum + entries.length, 0);
  yield `known of Bochs ${version}: ${count(expected)} differences; not known: ${count(others)}`;
  if (unseen.length > 0) yield `known of Bochs ${version} and not seen: ${unseen.join(', ')}`;
  if (kernel !== undefined) {
    yield `Debian's kernel ${kernel.kernel} on the same machine`;
    for (const run of kernel.runs) yield* kvmLines(run);
  }
  yield `${seconds.toFixed(0)} s`;
}

const json = (
  { version, report, verdict, linux: kernel, seconds }: Ran,
  cpu: string,
): Record<string, unknown> => ({
  bochs: version,
  cpu,
  seconds,
  ...processorJson(report),
  known: verdict.expected.map(({ causes }) => causes.map(({ name }) => name)),
  notKnown: verdict.others.map(({ causes }) => causes.map(({ name }) => name)),
  unseen: verdict.unseen,
  ...(kernel === undefined
    ? {}
    : {
        linux: {
          kernel: kernel.kernel,
          runs: kernel.runs.map(({ table, ...run }) => ({
            ...run,
            table: { ...table, different: table.different.length },
          })),
        },
      }),
});

async function main(): Promise<ExitCode> {
  const { values } = parseArgs({
    options: {
      cpu: { type: 'string', default: 'corei7_icelake_u' },
      folder: { type: 'string' },
      json: { type: 'boolean', default: false },
      linux: { type: 'boolean', default: false },
      paths: { type: 'string', default: '1000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return Exit.ok;
  }
  if (!/^\d{1,4}$/.test(values.paths)) {
    console.error(`machine: --paths is a number below 10000, not ${values.paths}`);
    return Exit.usage;
  }
  const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'pagewarden-machine-'));
  mkdirSync(folder, { recursive: true });
  process.once('SIGINT', () => process.exit(Exit.partial));
  try {
    const ran = await machine(
      folder,
      { cpu: values.cpu, paths: Number(values.paths), withLinux: values.linux },
      line => {
        if (!values.json) console.log(line);
      },
    );
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
