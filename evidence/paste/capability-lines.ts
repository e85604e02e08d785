import { hexOf, type LineReader } from './fact.ts';

const line =
  /\b(?:MSR_)?(?:IA32_)?VMX_EPT_VPID_(?:CAP|ENUM|CAPABILITIES)\w*\b[^=:\n]{0,20}[=:]\s*(0x[0-9a-f]{1,16}|[0-9a-f]{6,16})\b/i;
const msr = /\b(?:MSR |rdmsr )?(?:0x)?0*48c(?:h)?\b\s*[=:]\s*(?:0x)?([0-9a-f]{5,16})\b/i;

/** IA32_VMX_EPT_VPID_CAP as hypervisors and tools print it. */
export const capabilityLines: LineReader = {
  name: 'capability MSR',
  about: 'IA32_VMX_EPT_VPID_CAP (MSR 0x48c), what the processor can do',
  sample: ['HM: MSR_IA32_VMX_EPT_VPID_CAP         = 0xf0106114141'],
  read({ text }) {
    const digits = line.exec(text)?.[1] ?? msr.exec(text)?.[1];
    return digits === undefined ? undefined : [{ kind: 'capability', word: hexOf(digits) }];
  },
};
