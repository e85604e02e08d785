import { readKvmEvent } from '../logs/kvm-event.ts';
import { type FactContent, hexOf, type LineReader } from './fact.ts';

const H = '(?:0x)?([0-9a-f]{1,16})';
const report = new RegExp(`^\\s*\\d+\\.\\d+%\\s+reason (\\S+) rip ${H} info ${H} ${H}`);

/** Exits and page faults of KVM in any tracer's envelope, and in a profile of them. */
export const kvmTrace: LineReader = {
  name: 'KVM trace',
  about: 'kvm_exit and kvm_page_fault of ftrace, trace-cmd or perf, and the lines of perf report',
  sample: [
    'CPU-353246 [041] 5473778.770321: kvm_exit: reason EPT_VIOLATION rip 0xffffffffbc726140 info 683 0',
    'exe-110348 [006] .... 410259.258863: kvm_page_fault: address 3fef42812000 error_code 181',
    '   2.16%  reason EPT_VIOLATION rip 0xffffffff823ef54b info d82 0',
  ],
  read({ text, event, task }) {
    if (event === undefined) return profiled(text);
    const found = readKvmEvent(event, text);
    if (found?.kind === 'exit' || found?.kind === 'page-fault') {
      const who = found.vcpu === undefined ? (task ?? '') : `vcpu ${found.vcpu} of ${task ?? ''}`;
      if (found.kind === 'page-fault')
        return [{ kind: 'fault', gpa: found.gpa, qualification: found.qualification, who }];
      const { reason, qualification, vectoring } = found;
      if (/^npf$/i.test(reason)) return [{ kind: 'other-architecture', what: 'AMD' }];
      return [{ kind: 'exit', reason, qualification, vectoring, who }];
    }
    if (event === 'kvm_exit' || event === 'kvm_page_fault') return undefined;
    return /^(?:kvm|fast_page_fault|write_msr|read_msr)/.test(event) ? [] : undefined;
  },
};

function profiled(text: string): readonly FactContent[] | undefined {
  const [, reason, , qualification, vectoring] = report.exec(text) ?? [];
  if (reason === undefined || qualification === undefined || vectoring === undefined)
    return /^Overhead\s+Trace output/.test(text) ? [] : undefined;
  return [
    {
      kind: 'exit',
      reason,
      qualification: hexOf(qualification),
      vectoring: hexOf(vectoring),
      who: 'a profile',
    },
  ];
}

/** What says that a log is of an AMD host. */
export const amd: LineReader = {
  name: 'AMD host',
  about: 'functions of kvm_amd, and nested page faults',
  sample: [' npf_interception+0x89/0x91 [kvm_amd]'],
  read: ({ text, event }) =>
    /\bkvm_amd\b|\bnpf_interception\b|\bkvm_svm\b|\breason npf\b/.test(text) || event === 'kvm_nested_npf'
      ? [{ kind: 'other-architecture', what: 'AMD' }]
      : undefined,
};
