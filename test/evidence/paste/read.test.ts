import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineReaders, readPaste } from '../../../evidence/paste/index.ts';
import { LineJoiner } from '../../../evidence/logs/joined-lines.ts';
import { payloadsOf } from '../../../evidence/paste/payload.ts';
import { conclude } from '../../../oracle/conclusions/index.ts';
import { checkTrace, normative } from '../../../oracle/index.ts';

const folder = join(import.meta.dirname, '../../golden/pastes');
const linesOf = (name: string): string[] => readFileSync(join(folder, name), 'utf8').split('\n');

/** Everything that is said of a pasted text, one line each. */
function said(lines: readonly string[], maxPhysicalAddressWidth = 52): string {
  const { facts, events } = readPaste(lines);
  return conclude(facts, { maxPhysicalAddressWidth }, events)
    .flatMap(({ about, verdict, lines: told, missing = [] }) => [
      `${about} [${verdict}]`,
      ...told,
      ...missing,
    ])
    .join('\n');
}

/** What people have in hand, and the right answer to each. */
describe('what people paste gets the right answer', () => {
  test.each<[string, string, readonly (string | RegExp)[]]>([
    [
      'c01-kvm-misconfig.log',
      'every entry is well formed, the addresses follow from them, and the root is said to be made up',
      [
        'EPTP 0x1000005e',
        'the root is made up',
        'read of 0x108ba4538: allowed: host-physical 0x1028125538',
        'every printed entry is well formed',
      ],
    ],
    [
      'c03-kvm-vmcs.log',
      'numbers of a VMCS dump are hexadecimal without 0x',
      [
        'exit reason 0x30 = 48: EPT violation',
        'exit qualification 0x981',
        'bit 11: the guest page is execute-disable',
        'vector 0xec (external interrupt) was being delivered',
        /EPTP 0x299e9305e: WB.*4 levels, accessed and dirty flags on, root 0x299e93000/,
        /off page-modification logging \(17\), #VE on EPT violations \(18\).*sub-page write permissions \(23\)/,
        'guest-physical address of the exit (VMCS field 0x2400)',
      ],
    ],
    [
      'c05-ve.log',
      'a virtualization exception that suppress #VE turned into an exit',
      [
        'exit qualification 0x6ab',
        'bit 9: says nothing: bit 8 is 0',
        'read-modify-write of a paging structure of the guest at 0x109fff8: EPT violation: VM exit, reason 48, qualification 0xab',
        'no #VE: bit 63 (suppress #VE) of the last entry read is 1',
      ],
    ],
    ['c06-bhyve.txt', 'the reset vector is not mapped', ['= 48: EPT violation', 'the reset vector']],
    [
      'c07-noah.log',
      "the guest's own page table lies where nothing is mapped",
      ['exit qualification 0x83', "map the page of the guest's own page table"],
    ],
    ['c10-amd-npf.txt', 'AMD is out of scope', ['[out of scope]', 'an AMD host']],
    ['c10b-amd-npf.txt', 'AMD is out of scope', ['[out of scope]', 'an AMD host']],
    ['c11-amd-upm.txt', 'page faults without EPT violations are out of scope', ['[out of scope]']],
    ['c09-shadow-trace.txt', 'shadow paging is out of scope', ['[out of scope]', 'x86 page-fault codes']],
    [
      'c13-livelock-ftrace.txt',
      'a livelock is told',
      ['address 0x1170aaff8 and qualification 0x683', 'no entry was set in between: a livelock'],
    ],
    [
      'c08-gvisor-ftrace.txt',
      'the fault goes with the exit of its task',
      ['as oracle check judges them [allowed]', '1 allowed, 0 forbidden, 0 unknown'],
    ],
    [
      'c08b-mispaired.txt',
      'an exit and a fault that say different things are forbidden',
      ['[forbidden]', 'line 5: forbidden by kvm.pairing', 'error_code was 0x182, allowed 0x181'],
    ],
    ['c13b-interleaved.txt', 'two tasks are told apart', ['2 allowed, 0 forbidden, 0 unknown']],
    [
      'c13d-wrapped.txt',
      'lines that a mail program has wrapped are one',
      ['exit qualification 0x683', '1 allowed, 0 forbidden, 0 unknown'],
    ],
    ['c15-nested-old.txt', 'an old trace is judged', ['1 allowed, 0 forbidden, 0 unknown']],
    [
      'c31b-pkvm.log',
      "nobody said what is the hypervisor's",
      ['[unknown]', '0 allowed, 0 forbidden, 1 unknown'],
    ],
    [
      'c31c-pkvm.log',
      'a donation explains the refusal',
      ['[allowed]', '2 allowed, 0 forbidden, 0 unknown'],
    ],
    [
      'c14-vectoring.txt',
      'the event in delivery is told',
      ['vector 0x1 (hardware exception) was being delivered: IDT-vectoring information 0x80000301'],
    ],
    ['c15b-quoted.txt', 'quoted lines are read', ['exit qualification 0x181']],
    [
      'c16-rsvd-bits.log',
      'which bits are reserved is named, and that the host is of AMD',
      ['an AMD host', 'with N = 48: reserved bits 51:48 set'],
    ],
    [
      'c17-vbox-caps.log',
      'what the processor has and lacks',
      [
        /has: execute-only.*4 levels.*\(UC\).*\(WB\).*2-MByte pages/,
        /lacks: page walks of 5 levels; 1-GByte pages; accessed and dirty flags; advanced.*supervisor shadow-stack control/,
      ],
    ],
    ['c21-tdx-set-spte.txt', 'one entry by itself', ['0x1151b000', 'maps page 0x80a5669000']],
    [
      'c22-misconfig-trace.txt',
      'emulated MMIO',
      ['KVM marks emulated MMIO with misconfigured entries on purpose'],
    ],
    ['c26-perf.txt', 'perf script', ['EPT_MISCONFIG']],
    ['c27-perftop.txt', '"info d82 0" is a qualification', ['exit qualification 0xd82']],
    [
      'c28-hyperkit.txt',
      'a failed VM entry is no fault of a walk',
      ['= 33: VM-entry failure due to invalid guest state', 'no walk was made'],
    ],
    ['c29-dune.log', 'a page that could not be pinned', ['0x7fcd40993000', 'guest-physical 0x993000']],
    [
      'c30-haxm.log',
      'names with their encodings',
      ['= 48: EPT violation', 'EPTP 0x139c5001e: WB, 4 levels'],
    ],
    ['c31-pkvm.log', 'unknown until the memory of the hypervisor is told', ['[unknown]', '0x12345000']],
    ['c38-pkvm-map-failed.log', 'a refused share', ['-1 is -EPERM']],
  ])('%s: %s', (name, _, answers) => {
    const text = said(linesOf(name));
    for (const answer of answers)
      if (typeof answer === 'string') expect(text).toContain(answer);
      else expect(text).toMatch(answer);
  });

  test('an answer does not depend on how the text came: quoted, in syslog, in journal lines', () => {
    const dressings: readonly ((line: string) => string)[] = [
      line => `> ${line}`,
      line => `> > ${line}`,
      line => `Mar  7 13:38:04 host kernel: ${line.replace(/^\[[^\]]*\] /, '')}`,
      line => `<4>${line}`,
    ];
    const plain = said(linesOf('c03-kvm-vmcs.log'));
    for (const dress of dressings)
      expect(said(linesOf('c03-kvm-vmcs.log').map(line => (line === '' ? '' : dress(line))))).toBe(plain);
  });
});

/** `read` and `oracle check` have one reader, so they cannot tell a trace differently. */
describe('a pasted trace is judged as oracle check judges it', () => {
  const traces = ['c08b-mispaired.txt', 'c13b-interleaved.txt', 'c13d-wrapped.txt', 'c31c-pkvm.log'];
  test.each(traces)('%s', name => {
    const lines = linesOf(name);
    const { summary } = checkTrace(lines, { implementation: normative });
    const { allowed, forbidden, unknown, outOfScope } = summary;
    expect(allowed + forbidden).toBeGreaterThan(0);
    expect(said(lines)).toContain(
      `${allowed} allowed, ${forbidden} forbidden, ${unknown} unknown, ${outOfScope} out of scope`,
    );
    // quotation changes nothing for either
    const dressed = lines.map(line => (line === '' ? '' : `> ${line}`));
    expect(checkTrace(dressed, { implementation: normative }).summary).toEqual(summary);
  });

  test('nothing that stands for itself is taken for the rest of a broken line', () => {
    const open = 'exe-110348  [006] d... 410259.258862: kvm_exit:';
    const call = 'pagewarden: seq=1 host_donate_hyp hpa=0x3000 size=0x1000 ret=0';
    const joiner = new LineJoiner();
    expect(joiner.push(open, 1)).toEqual([]);
    expect(joiner.push(call, 2).map(({ number }) => number)).toEqual([1, 2]);
    expect(joiner.push(open, 3)).toEqual([]);
    expect(joiner.push('reason EPT_VIOLATION rip 0x0 info 683 0', 4)).toEqual([
      { number: 3, text: `${open} reason EPT_VIOLATION rip 0x0 info 683 0` },
    ]);
    expect(joiner.push(open, 5)).toEqual([]);
    expect(joiner.end()).toEqual([{ number: 5, text: open }]);
  });
});

describe('readers', () => {
  test('each reads its own sample, and says what it reads', () => {
    for (const { name, sample, about, read } of lineReaders) {
      expect(about.length).toBeGreaterThan(10);
      const taken = [...payloadsOf(sample)].map(payload => read(payload) !== undefined);
      expect([name, taken]).toEqual([name, sample.map(() => true)]);
    }
  });

  test('a number is hexadecimal by how it is printed; digits alone are ambiguous, but for an exit reason', () => {
    const factsOf = (line: string) => readPaste([line]).facts.map(({ line: _, by: __, ...fact }) => fact);
    expect(factsOf('qualification: 0x181')).toEqual([
      { kind: 'field', field: 'exitQualification', value: 0x181n },
    ]);
    expect(factsOf('qualification: 0000000000000181')).toEqual([
      { kind: 'field', field: 'exitQualification', value: 0x181n },
    ]);
    expect(factsOf('qualification: 181')).toEqual([
      { kind: 'ambiguous', field: 'exitQualification', digits: '181' },
    ]);
    expect(factsOf('exit_reason: 48')).toEqual([{ kind: 'field', field: 'exitReason', value: 48n }]);
  });

  test('random text is read without an exception and claims nothing', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 200 })), lines => {
        const { facts } = readPaste(lines);
        expect(conclude(facts, { maxPhysicalAddressWidth: 46 }).length).toBeLessThanOrEqual(facts.length);
      }),
    );
  });

  test('logs of other tools are not claimed', () => {
    const other = [
      '127.0.0.1 - - [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif HTTP/1.0" 200 2326',
      'Nov 25 11:00:00 host systemd[1]: Started Session 1 of user root.',
      'error: test failed, to rerun pass `--lib`',
      '2026-11-25T11:00:00Z INFO server listening port=8080 reason=startup',
    ];
    expect(readPaste(other).facts).toEqual([]);
    expect(readPaste(other).recognised.size).toBe(0);
  });

  test('damaged inputs are read without an exception, whatever is cut', () => {
    const names = readdirSync(folder).filter(name => /\.(?:log|txt)$/.test(name));
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.nat(),
        fc.nat(),
        fc.string({ maxLength: 5 }),
        (name, from, length, put) => {
          const text = linesOf(name).join('\n');
          const at = from % text.length;
          const damaged = text.slice(0, at) + put + text.slice(at + (length % 40));
          expect(
            Array.isArray(conclude(readPaste(damaged.split('\n')).facts, { maxPhysicalAddressWidth: 46 })),
          ).toBe(true);
        },
      ),
    );
  });
});

test.each([['c23-windbg-dq.txt'], ['c23b-windbg-dq.txt']])(
  '%s: memory as a debugger prints it is walked',
  async name => {
    const { readDump, bytesOf } = await import('../../../evidence/dumps/index.ts');
    const { cpuWith, guestAccess, translate } = await import('../../../model/ept/index.ts');
    const result = readDump(bytesOf(readFileSync(join(folder, name))));
    if (!result.ok) throw new Error(result.refusal.why);
    const outcome = translate(result.dump, cpuWith({ eptp: 0x1001en }), guestAccess('read', 0x3280n));
    expect(outcome).toMatchObject({ kind: 'allowed', hpa: 0x12345280n });
  },
);
