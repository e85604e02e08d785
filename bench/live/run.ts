import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Exit, type ExitCode } from '../../cli/exit.ts';
import { arm64KernelNamed } from '../../model/arm64/index.ts';
import { LiveError, pkvmCallLine } from '../../evidence/live/index.ts';
import type { Look } from '../../evidence/node/live/conformance.ts';
import { SharedMemory } from '../../evidence/node/live/shared-memory.ts';
import { arm64Recorded } from '../../evidence/records/arm64-live.ts';
import { Conformed } from './conformed.ts';
import { JudgedTrace } from './judged-trace.ts';
import { AuditedLives } from './audited-lives.ts';
import { NotToBeHad } from '../programs.ts';
import { compile, fetchKernel, installPrograms } from './debian.ts';
import { initramfs } from './initramfs.ts';
import { Lives } from './lives.ts';
import { Machine } from './machine.ts';
import { exitOf, type LiveReport, reportJson, reportLines } from './report.ts';

/**
 * From nothing to a verdict on a real pKVM: an unmodified Debian kernel for arm64 is booted under emulation, a normal
 * and a protected guest live there, every page is audited in every phase, every call of the hypervisor is followed, and
 * a violation that we make is found.
 */
const usage = `usage: npm run live -- [--suite SUITE] [--cpu CPU] [--trace FILE] [--json]

--suite  of Debian, whose kernel is booted: trixie-backports (7.3, protected guests) or trixie (6.12)
--cpu    cortex-a72 (nVHE) by default; what the hypervisor reads through a changed mapping is wrong under QEMU 7.2 on
         hVHE (neoverse-n1, cortex-a76): facts/arm64-record.md
--trace  writes every call that was followed, a JSON line each`;

const ramStart = arm64Recorded.memblocks[0].start;
/** The longest that a boot may take. */
const bootMs = 300_000;

interface Options {
  readonly suite: string;
  readonly cpu: string;
  readonly trace: string | undefined;
  readonly say: (line: string) => void;
}

async function live({ suite, cpu, trace, say }: Options, folder: string): Promise<LiveReport> {
  const start = performance.now();
  const since = (): string => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  installPrograms();
  const kernel = fetchKernel(folder, suite);
  const program = join(folder, 'two-lives');
  const sources = join(import.meta.dirname, '../../../bench/live/guest');
  compile(join(sources, 'two-lives.c'), program);
  const initrd = join(folder, 'initramfs.gz');
  const folders = ['bin', 'sbin', 'usr', 'usr/bin', 'usr/sbin', 'proc', 'sys', 'dev'].map(name => ({
    name,
  }));
  const files = [
    { name: 'init', content: readFileSync(join(sources, 'init')) },
    { name: 'two-lives', content: readFileSync(program) },
    { name: 'bin/busybox', content: readFileSync(kernel.busybox) },
  ];
  writeFileSync(initrd, initramfs([...folders, ...files]));
  say(`${since()}: kernel ${kernel.version} and our program are ready`);
  const machine = await Machine.boot(kernel.image, initrd, cpu, join(folder, 'memory'));
  const stop = (): void => {
    machine.kill();
  };
  process.once('exit', stop);
  try {
    for (let marker = await machine.nextMarker(bootMs); marker.word !== 'READY';)
      marker = await machine.nextMarker(bootMs);
    const mode = /Protected .* mode initialized successfully/.exec(machine.text)?.[0];
    if (mode === undefined) throw new LiveError('the kernel booted without protected mode');
    say(`${since()}: booted: ${mode}`);
    const memory = new SharedMemory(join(folder, 'memory'), ramStart);
    const look: Look = compute => Promise.resolve(compute(memory));
    const conformed = new Conformed(machine, look, say);
    const hasRecords = arm64KernelNamed(kernel.version)?.stateIn === 'hyp_vmemmap';
    const judged = new JudgedTrace(look, hasRecords);
    const visitor = new AuditedLives(kernel.version, say, { conformed, judged });
    const lives = new Lives(machine, visitor);
    await lives.follow();
    if (trace !== undefined)
      writeFileSync(trace, lives.calls.map(call => `${pkvmCallLine(call)}\n`).join(''));
    say(`${since()}: both lives are over; the machine was let go`);
    return {
      kernel: kernel.version,
      cpu,
      mode,
      phases: visitor.phases,
      seeded: visitor.seeded,
      conformance: conformed.runs,
      trace: judged.report(),
      calls: lives.calls,
      missing: lives.missing,
      seconds: (performance.now() - start) / 1000,
    };
  } finally {
    stop();
    process.off('exit', stop);
  }
}

async function main(): Promise<ExitCode> {
  const { values } = parseArgs({
    options: {
      suite: { type: 'string', default: 'trixie-backports' },
      cpu: { type: 'string', default: 'cortex-a72' },
      folder: { type: 'string' },
      trace: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return Exit.ok;
  }
  const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'pagewarden-live-'));
  mkdirSync(folder, { recursive: true });
  const say = (line: string): void => {
    if (!values.json) console.log(line);
  };
  process.once('SIGINT', () => process.exit(Exit.partial));
  try {
    const { suite, cpu, trace } = values;
    const report = await live({ suite, cpu, trace, say }, folder);
    if (values.json) console.log(JSON.stringify(reportJson(report), undefined, 2));
    else for (const line of reportLines(report)) console.log(line);
    return exitOf(report);
  } catch (error) {
    if (!(error instanceof NotToBeHad || error instanceof LiveError)) throw error;
    console.error(`live: ${error.message}`);
    return error instanceof NotToBeHad ? Exit.unknown : Exit.badInput;
  } finally {
    if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

process.exitCode = await main();
