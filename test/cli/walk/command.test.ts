import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CommandError } from '../../../cli/exit.ts';
import { run as runProgram } from '../../../cli/program.ts';

const memory = join(mkdtempSync(join(tmpdir(), 'pagewarden-')), 'memory.json');
writeFileSync(
  memory,
  JSON.stringify({
    '0x10000': '0x11007',
    '0x11000': '0x12007',
    '0x12000': '0x13007',
    '0x13018': '0x2000000012345035',
    '0x20000': '0x21001',
    '0x21000': '0x22001',
    '0x22000': '0x23001',
    '0x23018': '0x5555555555555155',
  }),
);

const walk = ['walk', '--mem', memory, '--eptp', '0x1001e', '--spptp', '0x20000', '--control', 'spp'];

async function run(...args: string[]): Promise<{ out: string; code: unknown }> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  process.exitCode = 0;
  await runProgram(args);
  const code = process.exitCode;
  process.exitCode = 0;
  return { out: lines.join('\n'), code };
}

afterEach(() => void vi.restoreAllMocks());

describe('walk', () => {
  test('tells the walk entry by entry, then the outcome, its reason and its qualification', async () => {
    const { out, code } = await run(...walk, '--gpa', '0x3280', '--access', 'write:8');
    expect(code).toBe(0);
    expect(out).toContain(
      'PTE    0x13018  0x2000_0000_1234_5035  read execute, WB, page 0x12345000, subPageWrite',
    );
    expect(out).toContain('L1E    0x23018  0x5555_5555_5555_5155  writable: 0-4, 6-31');
    expect(out).toContain('EPT violation: VM exit, reason 48');
    expect(out).toContain('the vector permits no writes to sub-page 5');
    expect(out).toContain('bit  1  1  the access is a data write');
    expect(out).toContain('bit  6  -  undefined here');
  });

  test('gives the same as one JSON object', async () => {
    const { out } = await run(...walk, '--gpa', '0x3300', '--access', 'write', '--json');
    expect(JSON.parse(out)).toMatchObject({ kind: 'allowed', hpa: '0x12345300', grantedBySpp: true });
  });

  test('answers by another reading where that is asked for', async () => {
    const across = ['--gpa', '0x327c', '--access', 'write:8', '--json'];
    expect(JSON.parse((await run(...walk, ...across)).out)).toMatchObject({ kind: 'ept_violation' });
    const { out } = await run(...walk, ...across, '--reading', 'first-sub-page-only');
    expect(JSON.parse(out)).toMatchObject({ kind: 'allowed' });
  });

  test('ends in unknown with the address it needs where the memory does not say, exit code 3', async () => {
    const { out, code } = await run(...walk, '--gpa', '0x4000', '--access', 'read');
    expect(code).toBe(3);
    expect(out).toContain('the memory does not hold the EPT PTE at 0x13020');
  });

  test.each([
    [['--access', 'peek', '--gpa', '0'], /--access: expected one of read, write/],
    [['--access', 'read', '--gpa', 'zero'], /--gpa: expected a 64-bit number/],
    [['--access', 'read', '--gpa', '0', '--maxphyaddr', '60'], /--maxphyaddr: expected 12 to 52/],
    [
      ['--access', 'read', '--gpa', '0', '--control', 'spp,sgx'],
      /there is no "sgx"; one or more of spp, mbe/,
    ],
    [['--access', 'read'], /--gpa is needed/],
    [['--gpa', '0'], /--access is needed .*: one of read, write, rmw, execute, shadow_stack_read/],
  ])('refuses %j with one clear line and exit code 1', async (args, line) => {
    const refused = run(...walk, ...args);
    await expect(refused).rejects.toThrow(line);
    await expect(refused).rejects.toSatisfy(error => error instanceof CommandError && error.code === 1);
  });

  test('refuses a memory file that is none with exit code 2', async () => {
    writeFileSync(`${memory}.bad`, '{"0x10": 7}');
    const refused = run(
      'walk',
      '--mem',
      `${memory}.bad`,
      '--eptp',
      '0x1e',
      '--gpa',
      '0',
      '--access',
      'read',
    );
    await expect(refused).rejects.toSatisfy(error => error instanceof CommandError && error.code === 2);
  });
});

describe('explain', () => {
  test('reads an EPT violation bit by bit and says what the bits mean together', async () => {
    const { out } = await run('explain', '--reason', '48', '--qualification', '0x18a');
    expect(out).toContain('EPT violation, exit reason 48, qualification 0x18a');
    expect(out).toContain('bit  4  0  some EPT entry permits no writes');
    expect(out).toContain('this is a sub-page denial');
  });

  test('reads an SPP-related event', async () => {
    const { out } = await run('explain', '--reason', '66', '--qualification', '0x1800', '--json');
    expect(JSON.parse(out)).toMatchObject({
      name: 'SPP-related event',
      qualification: '0x1800',
      bits: [
        { bit: 11, field: 'miss', isSet: true },
        { bit: 12, field: 'nmiUnblocking', isSet: true },
      ],
      reservedBits: '0x0',
    });
  });

  test('says which reserved bits are set', async () => {
    const { out } = await run('explain', '--reason', '66', '--qualification', '0x801');
    expect(out).toContain('Reserved bit 0 set, which no processor reports.');
  });

  test('gives no meaning to bits that say nothing without another bit', async () => {
    const pageWalk = await run('explain', '--reason', '48', '--qualification', '0x81');
    expect(pageWalk.out).toContain('bit  8  0  an access to a guest paging structure');
    for (const bit of [' 9', '10', '11'])
      expect(pageWalk.out).toContain(`bit ${bit}  0  says nothing: bit 8 is 0`);
    const noAddress = await run('explain', '--reason', '48', '--qualification', '0xe01');
    expect(noAddress.out).toContain('bit  8  0  says nothing: bit 7 is 0');
    for (const bit of [' 9', '10', '11'])
      expect(noAddress.out).toContain(`bit ${bit}  1  says nothing: bit 7 is 0`);
    const final = await run('explain', '--reason', '48', '--qualification', '0x381');
    expect(final.out).toContain('bit  9  1  a user-mode linear address');
  });

  test('refuses a reason that no walk gives', async () => {
    await expect(run('explain', '--reason', '47', '--qualification', '0')).rejects.toThrow(
      '--reason: expected one of 48, 49, 62, 66, got "47"',
    );
  });
});
