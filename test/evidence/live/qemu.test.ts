import { spawn, spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePort } from '../../../bench/live/free-port.ts';
import { type Ended, pagewarden } from '../../cli/run.ts';
import { readCapture } from '../../golden/arm64/read-capture.ts';

const hasQemu = spawnSync('qemu-system-aarch64', ['--version']).error === undefined;
if (!hasQemu)
  console.warn('no qemu-system-aarch64: the clients of a running machine are not tried on a real one');

/** A machine that stands still from its start (-S), with the captured tables in its memory: no kernel is needed. */
class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'pagewarden-'));
  readonly qmp = join(this.folder, 'qmp');
  port = 0;
  #stop: () => void = () => undefined;

  async start(): Promise<void> {
    const ram = join(this.folder, 'ram');
    const file = openSync(ram, 'w');
    ftruncateSync(file, 0x2000_0000);
    for (const [address, word] of readCapture('7.3.4-protected').words) {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(word);
      writeSync(file, bytes, 0, 8, Number(address - 0x4000_0000n));
    }
    closeSync(file);
    this.port = await freePort();
    const child = spawn(
      'qemu-system-aarch64',
      [
        ...[
          '-M',
          'virt,virtualization=on,gic-version=3,memory-backend=ram',
          '-cpu',
          'neoverse-n1',
          '-m',
          '512M',
        ],
        ...[
          '-object',
          `memory-backend-file,id=ram,size=512M,mem-path=${ram},share=on`,
          '-S',
          '-display',
          'none',
        ],
        ...['-nic', 'none', '-serial', 'none', '-monitor', 'none', '-gdb', `tcp:127.0.0.1:${this.port}`],
        ...['-qmp', `unix:${this.qmp},server=on,wait=off`],
      ],
      { stdio: 'ignore' },
    );
    this.#stop = () => child.kill('SIGKILL');
    while (child.exitCode === null) {
      const { stdout } = await pagewarden(
        'walk',
        ...stage2,
        '--qmp',
        this.qmp,
        '--gpa',
        '0x80000000',
        '--json',
      );
      if (stdout.includes('"allowed"')) return;
    }
    throw new Error('QEMU did not start');
  }

  stop(): void {
    this.#stop();
    rmSync(this.folder, { recursive: true });
  }
}

const stage2 = ['--format', 'arm64-stage2', '--stage2', '0x10000443bf001,0x802d3590'];
const tables = [
  ...[
    '--format',
    'arm64-stage2',
    '--host',
    '0x5fa09001,0x802d3590',
    '--guest',
    '0x1000=0x10000443bf001,0x802d3590',
  ],
  ...['--vmemmap', '0x5f600000', '--ram', '0x40000000-0x60000000', '--kernel', '7.3', '--json'],
];

describe.skipIf(!hasQemu)('a real QEMU, its tables put there by us', () => {
  const machine = new Machine();
  beforeAll(() => machine.start());
  afterAll(() => {
    machine.stop();
  });
  const verdict = ({ code, stdout }: Ended) => {
    const { anomalies, pages, owners } = JSON.parse(stdout) as {
      anomalies: unknown[];
      pages: number;
      owners: { owner: string }[];
    };
    return {
      code,
      anomalies,
      pages,
      ofGuest: owners.filter(({ owner }) => owner === 'guest 0x1000').length,
    };
  };

  test('over the GDB stub: every page audited, no anomaly', async () => {
    const ended = await pagewarden('audit', '--gdb', `127.0.0.1:${machine.port}`, ...tables);
    expect(verdict(ended)).toEqual({ code: 0, anomalies: [], pages: 131_072, ofGuest: 2 });
  });

  test("over QEMU's machine protocol the same", async () => {
    const ended = await pagewarden('audit', '--qmp', machine.qmp, ...tables);
    expect(verdict(ended)).toEqual({ code: 0, anomalies: [], pages: 131_072, ofGuest: 2 });
  });

  test('one access and one table, read from the machine', async () => {
    const walked = await pagewarden(
      'walk',
      ...stage2,
      '--gdb',
      `:${machine.port}`,
      '--gpa',
      '0x80001008',
      '--json',
    );
    expect(JSON.parse(walked.stdout)).toMatchObject({ kind: 'allowed', pa: '0x4247c008', level: 3 });
    const decoded = await pagewarden(
      ...(['decode', '--format', 'arm64-stage2', '--root', '0x10000443bf001,0x802d3590'] as const),
      ...(['--kind', 'guest', '--qmp', machine.qmp] as const),
    );
    expect(decoded.stdout).toContain('0x80005000 - 0x80006000 -> 0x42481000 rwx SHARED_OWNED');
  });

  test('a machine of another architecture than the tables is refused in one line', async () => {
    const ended = await pagewarden('audit', '--gdb', `:${machine.port}`, '--host-ept', '0x1001e');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /^pagewarden: gdb 127.0.0.1:\d+: the machine is aarch64, not i386:x86-64\n$/,
    );
  });
});
