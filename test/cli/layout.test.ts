import { afterEach, describe, expect, test, vi } from 'vitest';
import { CommandError, Exit } from '../../cli/exit.ts';
import { run as runProgram } from '../../cli/program.ts';

async function run(...args: string[]): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  await runProgram(['layout', ...args]);
  return lines.join('\n');
}
afterEach(() => void vi.restoreAllMocks());

describe('layout', () => {
  test('shows a member in every revision, one row each', async () => {
    const out = await run('hv_vp_assist_page');
    expect(out).toMatch(/^sizeof +56 +64 +56 +624$/m);
    expect(out).toMatch(/^enlighten_vmentry +40\.\.43 {2}u32 +48 {2}u8 +40 {2}u8 +40 {2}u8$/m);
    expect(out).toMatch(
      /^current_nested_vmcs +48\.\.55 {2}u64 +56\.\.63 {2}u64 +48\.\.55 {2}u64 +48\.\.55 {2}u64$/m,
    );
  });

  test('says which member moved where, and under which name', async () => {
    expect(await run('hv_vp_assist_page', '--from', 'before', '--to', 'merged')).toContain(
      [
        'before -> merged (the fix as merged):',
        '  reserved is now reserved1: stays at 4..7',
        '  vtl_control: 8..23 -> 8..31',
        '  nested_enlightenments_control is now nested_control.features.directhypercall: 24..39 -> 32 bit 0',
        '  nested_control.features.reserved: new, at 32 bits 31:1',
        '  nested_control.hypercallControls.reserved: new, at 36..39',
        '  enlighten_vmentry: 40..43 -> 40',
        '  padding is now reserved2: 44..47 -> 41..47',
      ].join('\n'),
    );
  });

  test('says a member that is gone', async () => {
    expect(await run('kvm_nested_state', '--from', 'newest', '--to', '2019')).toContain(
      '  hdr.vmx.preemption_timer_deadline: gone, was at 32..39',
    );
  });

  test('gives the same as JSON', async () => {
    const json: unknown = JSON.parse(await run('kvm_nested_state', '--json'));
    expect(json).toMatchObject({
      name: 'kvm_nested_state',
      revisions: [
        { revision: '2019', size: 128, alignment: 8 },
        {
          revision: 'newest',
          members: expect.arrayContaining([{ path: 'hdr.vmx.flags', offset: 28, size: 4, type: 'u32' }]),
        },
      ],
      changes: [
        {
          from: '2019',
          to: 'newest',
          members: expect.arrayContaining([
            expect.objectContaining({ name: 'hdr.vmx.vmcs12_pa', kinds: ['renamed'] }),
          ]),
        },
      ],
    });
  });

  test('lists the structures where none is named', async () => {
    expect(await run()).toContain('kvm_nested_state: what KVM_SET_NESTED_STATE takes');
    expect(JSON.parse(await run('--json'))).toContainEqual(
      expect.objectContaining({
        name: 'hv_vp_assist_page',
        revisions: ['before', 'v1', 'merged', 'modern'],
      }),
    );
  });

  test.each([
    [['nothing'], 'no structure nothing: expected kvm_nested_state, hv_vp_assist_page, kvm_subpage'],
    [['kvm_nested_state', '--from', '2019'], '--from and --to go together'],
    [
      ['kvm_nested_state', '--from', '2019', '--to', '2020'],
      'kvm_nested_state has no revision "2020": expected "2019", "newest"',
    ],
  ])('%j is a usage error that says what was expected', async (args, message) => {
    const error: unknown = await run(...args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ message, code: Exit.usage });
  });
});
