import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkTrace } from '../../../oracle/trace/index.ts';
import { normative } from '../../../oracle/implementations/index.ts';
import { openEnvelope } from '../../../evidence/logs/envelope.ts';
import { KvmChecker } from '../../../oracle/trace/kvm-checker.ts';
import { readKvmEvent } from '../../../evidence/logs/kvm-event.ts';
import { readLogLine } from '../../../evidence/logs/read-log.ts';

describe('a line of any tracer', () => {
  const body = 'vcpu 3 rip 0x7f80ed32638b address 0x00000003f7369712 error_code 0x181';
  const lines = {
    'trace-cmd report': `qemu-system-x86-1060614 [036] 2316032.840657: kvm_page_fault:       ${body}`,
    ftrace: ` qemu-system-x86-1060614 [036] d..1. 2316032.840657: kvm_page_fault: ${body}`,
    'ftrace with TGID': ` qemu-system-x86-1060614 (1060600) [036] d..1. 2316032.840657: kvm_page_fault: ${body}`,
    'perf script': `qemu-system-x86 1060614/1060620 [036] 2316032.840657:          1 kvm:kvm_page_fault: ${body}`,
  };
  for (const [name, line] of Object.entries(lines)) {
    test(`is opened: ${name}`, () => {
      expect(openEnvelope(line)).toMatchObject({ cpu: 36, event: 'kvm_page_fault', body });
      expect(readLogLine(line)).toMatchObject({
        kind: 'kvm',
        event: { kind: 'page-fault', vcpu: 3, gpa: 0x3_f736_9712n, qualification: 0x181n },
      });
    });
  }
});

describe('the body of an event', () => {
  const cases: readonly (readonly [string, string, object])[] = [
    [
      'kvm_exit',
      'vcpu 1 reason EPT_VIOLATION rip 0xfff0 info1 0x0000000000000181 info2 0x0000000000000000 intr_info 0x00000000 error_code 0x00000000 requests 0x0000000000000000',
      { kind: 'exit', vcpu: 1, reason: 'EPT_VIOLATION', qualification: 0x181n, vectoring: 0n },
    ],
    [
      'kvm_exit',
      'reason EPT_VIOLATION rip 0xfff0 info 182 0',
      { kind: 'exit', reason: 'EPT_VIOLATION', qualification: 0x182n, vectoring: 0n },
    ],
    [
      'kvm_exit',
      'reason UNKNOWN (66) rip 0xfff0 info 800 0',
      { kind: 'exit', reason: 'UNKNOWN (66)', qualification: 0x800n, vectoring: 0n },
    ],
    [
      'kvm_page_fault',
      'address fee00000 error_code 181',
      { kind: 'page-fault', gpa: 0xfee0_0000n, qualification: 0x181n },
    ],
    [
      'kvm_mmu_set_spte',
      'gfn 8 spte 6000000000003077 (rwxu) level 1 at 13040',
      { kind: 'set-spte', gfn: 8n, level: 1, word: 0x6000_0000_0000_3077n },
    ],
    [
      'kvm_tdp_mmu_spte_changed',
      'as id 0 gfn 8 level 1 old_spte 0 new_spte 3007',
      { kind: 'spte-changed', gfn: 8n, level: 1, before: 0n, word: 0x3007n },
    ],
    [
      'fast_page_fault',
      'vcpu 0 gva 600123 error_code P|W sptep 00000000be330f5e old 0x6100000029d4875 new 6100000029d4877 spurious 0 fixed 1',
      {
        kind: 'spte-changed',
        vcpu: 0,
        gfn: 0x600n,
        level: 1,
        before: 0x610_0000_029d_4875n,
        word: 0x610_0000_029d_4877n,
      },
    ],
    [
      'kvm_spp_set_subpages',
      'vcpu 0 gfn 34567 access ffff7fff',
      { kind: 'spp-set', vcpu: 0, gfn: 0x34567n, vector: 0xffff_7fff },
    ],
    [
      'kvm_spp_induced_exit',
      'vcpu 0 gpa 34567880 qualificaiton 800',
      { kind: 'spp-exit', vcpu: 0, gpa: 0x3456_7880n, qualification: 0x800n },
    ],
    [
      'kvm_spp_induced_exit',
      'vcpu 0 gpa 34567880 qualification 800',
      { kind: 'spp-exit', vcpu: 0, gpa: 0x3456_7880n, qualification: 0x800n },
    ],
    [
      'kvm_spp_induced_page_fault',
      'vcpu 0 gpa 34567880 inst_len 7',
      { kind: 'spp-fault', vcpu: 0, gpa: 0x3456_7880n },
    ],
  ];
  for (const [event, body, expected] of cases) {
    test(`${event}: ${body.slice(0, 60)}`, () => expect(readKvmEvent(event, body)).toEqual(expected));
  }
});

describe('what the hardware reports', () => {
  /** The verdict on the last of these events, each of the thread that is named first. */
  const verdictOn = (...events: readonly (readonly [thread: number, event: string, body: string])[]) => {
    const checker = new KvmChecker();
    let verdict: string | undefined;
    for (const [thread, event, body] of events) {
      const read = readKvmEvent(event, body);
      if (read !== undefined) verdict = checker.check(read, { thread })?.verdict;
    }
    return verdict;
  };
  const exit = (thread: number, qualification: string, reason = 'EPT_VIOLATION') =>
    [thread, 'kvm_exit', `reason ${reason} rip 0x0 info ${qualification} 0`] as const;
  const fault = (thread: number, code: string, address = '8000') =>
    [thread, 'kvm_page_fault', `address ${address} error_code ${code}`] as const;

  test('is a violation only where the entries lack a right that was asked for', () => {
    expect(verdictOn(exit(1, '181'), fault(1, '181'))).toBe('allowed');
    expect(verdictOn(exit(1, '189'), fault(1, '189'))).toBe('forbidden');
    expect(verdictOn(exit(1, '1aa'), fault(1, '1aa'))).toBe('allowed');
  });

  test('never has bit 8 without bit 7', () => {
    expect(verdictOn(exit(1, '101'), fault(1, '101'))).toBe('forbidden');
  });

  test('is the same in kvm_exit and in the page fault after it', () => {
    expect(verdictOn(exit(1, '181'), fault(1, '182'))).toBe('forbidden');
  });

  test('is paired by the thread: another thread exits for something else', () => {
    expect(verdictOn(exit(1, '182'), exit(2, '184'), fault(1, '182'))).toBe('allowed');
    expect(verdictOn(exit(1, '182'), exit(2, '184'), fault(2, '182'))).toBe('forbidden');
  });

  test('is not judged without an exit before it, nor when the guest has run again since', () => {
    expect(verdictOn(fault(1, '189'))).toBe('unknown');
    expect(verdictOn(exit(1, '189'), [1, 'kvm_entry', 'vcpu 0, rip 0x0'], fault(1, '189'))).toBe('unknown');
    expect(verdictOn(exit(1, '189'), fault(1, '189'), fault(1, '189'))).toBe('unknown');
  });

  test('is out of scope after an exit for a page fault of the guest, and on a processor of AMD', () => {
    expect(verdictOn(exit(1, '1000', 'EXCEPTION_NMI'), fault(1, '14'))).toBe('out-of-scope');
    expect(verdictOn(exit(1, '14', 'npf'), fault(1, '14'))).toBe('out-of-scope');
  });

  test('is not decided by a leaf that the log only half knows', () => {
    const spte = [1, 'kvm_mmu_set_spte', 'gfn 8 spte 3007 (rwx) level 1 at 13040'] as const;
    expect(verdictOn(spte, exit(1, '181'), fault(1, '181'))).toBe('unknown');
  });

  const set = (thread: number, vector: string, vcpu = 0) =>
    [thread, 'kvm_spp_set_subpages', `vcpu ${vcpu} gfn 8 access ${vector}`] as const;
  const sppFault = (thread: number, gpa: string, vcpu = 0) =>
    [thread, 'kvm_spp_induced_page_fault', `vcpu ${vcpu} gpa ${gpa} inst_len 3`] as const;

  test('is a write that a sub-page vector forbids', () => {
    expect(verdictOn(set(1, 'ffffffef'), sppFault(1, '8200'))).toBe('allowed');
    expect(verdictOn(set(1, 'ffffffef'), sppFault(1, '8280'))).toBe('forbidden');
  });

  test('is held against the vector of its own VM: two threads with one vCPU are of two VMs', () => {
    expect(verdictOn(set(1, 'ffffffef'), set(2, 'ffffffff'), sppFault(1, '8200'))).toBe('allowed');
    expect(verdictOn(set(2, 'ffffffef'), sppFault(1, '8280'))).toBe('unknown');
  });

  test('is unknown where another thread, of the same VM or not, has set another vector since', () => {
    expect(verdictOn(set(1, 'ffffffef'), set(2, 'ffffffff', 1), sppFault(1, '8200'))).toBe('unknown');
    expect(verdictOn(set(1, 'ffffffef'), set(2, 'ffffffef', 1), sppFault(1, '8200'))).toBe('allowed');
  });

  test('is not known after events were lost', () => {
    const checker = new KvmChecker();
    checker.check({ kind: 'spp-set', vcpu: 0, gfn: 8n, vector: 0xffff_ffef }, { thread: 1 });
    checker.forget();
    const after = checker.check({ kind: 'spp-fault', vcpu: 0, gpa: 0x8200n }, { thread: 1 });
    expect(after?.verdict).toBe('unknown');
  });
});

describe('a log with calls of ours among the events of kvm', () => {
  const lines = readFileSync(join(import.meta.dirname, '../../golden/logs/ftrace.txt'), 'utf8')
    .trimEnd()
    .split('\n');
  const report = checkTrace(lines, { implementation: normative, explainImplementations: true });

  test('is checked call by call, and the bug in it is found', () => {
    const [found, ...others] = report.forbidden;
    expect(others).toEqual([]);
    expect(found).toMatchObject({ line: 13, verdict: { rule: 'donate.request.hyp.state' } });
    expect(found?.reproduction?.calls.map(({ name, ret }) => [name, ret])).toEqual([
      ['host_donate_guest', 0],
      ['guest_share_host', 0],
      ['hyp_donate_host', -1],
    ]);
  });

  test('knows nothing after lost events, counts what it cannot read, and says both', () => {
    expect(report.unknown.map(({ line }) => line)).toEqual([15, 16]);
    expect(report.unparsed).toMatchObject({ count: 1, first: [{ line: 17 }] });
    expect(report.summary).toMatchObject({ forbidden: 1, unknown: 2, allowed: 5 });
  });

  test('is allowed by no profile, since the early code refuses a call on a page in this state too', () => {
    expect(report.forbidden[0]?.implementations?.filter(({ allows }) => allows)).toEqual([]);
  });
});

test('a trace in which nothing can be checked checks nothing', () => {
  const { summary } = checkTrace(['some prose', 'and more of it'], { implementation: normative });
  expect(summary.events).toBe(0);
});

test('no line of a log is thrown at the caller, whatever is in it', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 120 }),
    fc.string({ unit: 'binary', maxLength: 120 }),
    fc.stringMatching(/^ ?[a-z]{1,4}-\d+ \[\d\] \d\.\d: kvm_[a-z_]{1,12}: [a-z0-9 ]{0,40}$/),
    fc.stringMatching(/^pagewarden: [a-z_=0-9x ]{0,60}$/),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 8 }), lines => {
      const { lines: count, unparsed } = checkTrace(lines, { implementation: normative });
      expect(count).toBe(lines.length);
      expect(unparsed.count).toBeLessThanOrEqual(lines.length);
    }),
    { seed: 20261125, numRuns: 500 },
  );
});
