import { type FactContent, hexOf, type LineReader, type VmcsField } from './fact.ts';

/** What KVM's and Xen's dump of a VMCS says, by the words around each number: all hexadecimal, with 0x or without. */
const places: readonly (readonly [RegExp, VmcsField])[] = [
  [/\breason=([0-9a-f]{8})\b/i, 'exitReason'],
  [/\bqualification=([0-9a-f]{8,16})\b/i, 'exitQualification'],
  [/\bSecondaryExec=(?:0x)?([0-9a-f]{1,8})\b/i, 'secondaryControls'],
  [/\bIDTVectoring: info=([0-9a-f]{8})\b/i, 'idtVectoring'],
  [/\bEPT pointer = 0x([0-9a-f]{1,16})\b/i, 'eptp'],
  [/\bSPPT? pointer = 0x([0-9a-f]{1,16})\b/i, 'spptp'],
  [/\bVE info(?:rmation)? address = 0x([0-9a-f]{1,16})\b/i, 'veInformationAddress'],
];
const information =
  /\bve_info: 0x([0-9a-f]{1,8}) 0x[0-9a-f]{1,8} 0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16}) 0x([0-9a-f]{1,16})/i;
const heading =
  /^\*\*\* (?:Guest|Host|Control) State \*\*\*|^VMCS [0-9a-f]{8,16}|^\S*(?:CPUBased|PinBased|VMEntry:|ExceptionBitmap)=?/;

export const vmcsDump: LineReader = {
  name: 'VMCS dump',
  about: 'the VMCS as KVM (dump_vmcs) and Xen print it',
  sample: [
    'kvm_intel:         reason=00000030 qualification=0000000000000981',
    'kvm_intel: IDTVectoring: info=800000ec errcode=00000000',
    'kvm_intel: EPT pointer = 0x0000000299e9305e',
  ],
  read({ text }) {
    const found: FactContent[] = places.flatMap(([pattern, field]) => {
      const digits = pattern.exec(text)?.[1];
      return digits === undefined ? [] : [{ kind: 'field' as const, field, value: hexOf(digits) }];
    });
    const ve = information.exec(text);
    if (ve !== null) {
      const [, reason = '', qualification = '', gla = '', gpa = ''] = ve;
      found.push({
        kind: 've-info',
        reason: hexOf(reason),
        qualification: hexOf(qualification),
        gla: hexOf(gla),
        gpa: hexOf(gpa),
      });
    }
    return found.length > 0 || heading.test(text) ? found : undefined;
  },
};
