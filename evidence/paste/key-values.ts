import { type FactContent, hexOf, type LineReader, type VmcsField } from './fact.ts';

/** Names of VMCS fields as monitors spell them, letters alone. */
const names: Readonly<Record<string, VmcsField>> = {
  exitreason: 'exitReason',
  vmexitreason: 'exitReason',
  vmcsexitreason: 'exitReason',
  vmexreason: 'exitReason',
  exitqualification: 'exitQualification',
  qualification: 'exitQualification',
  vmcsexitqualification: 'exitQualification',
  vmexitqualification: 'exitQualification',
  guestphysicaladdress: 'guestPhysicalAddress',
  guestphysicaladdressfull: 'guestPhysicalAddress',
  guestphysaddr: 'guestPhysicalAddress',
  vmcsguestphysicaladdress: 'guestPhysicalAddress',
  gpa: 'guestPhysicalAddress',
  guestlinearaddress: 'guestLinearAddress',
  vmcsguestlinearaddress: 'guestLinearAddress',
  gla: 'guestLinearAddress',
  gva: 'guestLinearAddress',
  idtvectoringinfo: 'idtVectoring',
  idtvectoringinfofield: 'idtVectoring',
  idtvectoringinformation: 'idtVectoring',
  idtvectoringinformationfield: 'idtVectoring',
  vmcsidtvectoringinfo: 'idtVectoring',
  eptp: 'eptp',
  eptpointer: 'eptp',
  vmcseptp: 'eptp',
  vmxeptp: 'eptp',
  vmcseptpointer: 'eptp',
  spptp: 'spptp',
  spptpointer: 'spptp',
  vmcssecprocbasedctls: 'secondaryControls',
  secondaryprocbasedvmexeccontrol: 'secondaryControls',
  secondaryprocessorbasedvmexecutioncontrols: 'secondaryControls',
  secondaryprocessorbasedcontrols: 'secondaryControls',
  vmxsecondaryprocessorcontrols: 'secondaryControls',
  secondaryexeccontrol: 'secondaryControls',
  veinfoaddress: 'veInformationAddress',
  virtualizationexceptioninformationaddress: 'veInformationAddress',
  pmladdress: 'pmlAddress',
  rip: 'guestRip',
  guestrip: 'guestRip',
  vmcsguestrip: 'guestRip',
};

/** Monitors that print some fields in hexadecimal without a prefix. */
const haxm = /^(?:haxm_\w+:\s*)?([0-9a-f]{1,4}) (VMX_\w+): ([0-9a-f]{1,16})$/i;
const haxmReason = /\bUnhandled vmx vmexit reason:(\d{1,3})\b/;
const pair =
  /^[\s|*]*([A-Za-z][\w .\-()]{1,60}?)\s*(?:=|:|\t)\s*(0x[0-9a-f]{1,16}|[0-9a-f]{1,16})\b\s*(?:\(.*\))?[\s|]*$/i;
const tabbed = /^\s*(exit_reason|qualification|rip)\s+(0x[0-9a-f]{1,16}|\d{1,5})\b/i;

/** `reason: ept_violation`. */
const named = /^reason: (ept_violation|ept_misconfig(?:uration)?)$/i;

/**
 * A number by how it is printed: with 0x, with a letter digit, or padded with zeros it is hexadecimal; an exit reason in
 * digits alone is decimal, as every monitor prints it; other digits alone could be either.
 */
function valueOf(field: VmcsField, digits: string): FactContent {
  const isHex = /^0x/i.test(digits) || /[a-f]/i.test(digits) || /^0\d/.test(digits);
  if (isHex) return { kind: 'field', field, value: hexOf(digits) };
  if (field === 'exitReason' || digits.length === 1) return { kind: 'field', field, value: BigInt(digits) };
  return { kind: 'ambiguous', field, digits };
}

const lettersOf = (name: string): string => name.replace(/[^A-Za-z]/g, '').toLowerCase();

export const keyValues: LineReader = {
  name: 'exit dump',
  about:
    'fields of an exit or of the VMCS, a name and a number a line, as bhyve, HyperKit, HAXM, Noah and others print',
  sample: [
    '\texit_reason\t48 (EPT violation)',
    'VMCS_SEC_PROC_BASED_CTLS:      0x00000000000000aa',
    'haxm_warning:201a VMX_EPTP: 139c5001e',
  ],
  read({ text }) {
    const unhandled = haxmReason.exec(text)?.[1];
    if (unhandled !== undefined) return [{ kind: 'field', field: 'exitReason', value: BigInt(unhandled) }];
    const [, , haxmName, haxmDigits] = haxm.exec(text) ?? [];
    if (haxmName !== undefined && haxmDigits !== undefined) {
      const field = names[lettersOf(haxmName)];
      return field === undefined ? [] : [{ kind: 'field', field, value: hexOf(haxmDigits) }];
    }
    const violation = named.exec(text)?.[1];
    if (violation !== undefined)
      return [{ kind: 'field', field: 'exitReason', value: /mis/i.test(violation) ? 49n : 48n }];
    const [, name, digits] = tabbed.exec(text) ?? pair.exec(text) ?? [];
    const field = name === undefined ? undefined : names[lettersOf(name)];
    return field === undefined || digits === undefined ? undefined : [valueOf(field, digits)];
  },
};

/** The heading and the other lines of bhyve's and HyperKit's dump of an exit. */
export const bhyve: LineReader = {
  name: 'bhyve exit',
  about: 'the exit that bhyve or HyperKit could not handle',
  sample: ['vm exit[0]', '\treason\t\tVMX', '\tinst_length\t3'],
  read: ({ text }) =>
    /^vm exit\[\d+\]$|^\s*(?:reason\s+VMX|inst_length\s+\d|status\s+\d|inst_type\s+\d|inst_error\s+\d)/.test(
      text,
    )
      ? []
      : undefined,
};

/** Dune and its kin: a page that the host could not give. */
export const dune: LineReader = {
  name: 'Dune log',
  about: 'a page fault that Dune could not resolve',
  sample: [
    'ept: failed to get user page 7fcd40993000',
    'vmx: page fault failure GPA: 0x993000, GVA: 0x403054',
  ],
  read({ text }) {
    const page = /\bfailed to get user page ([0-9a-f]{6,16})\b/i.exec(text)?.[1];
    if (page !== undefined) return [{ kind: 'guest-page', userAddress: hexOf(page) }];
    const [, gpa, gla] =
      /\bpage fault failure GPA: 0x([0-9a-f]{1,16}), GVA: 0x([0-9a-f]{1,16})/i.exec(text) ?? [];
    return gpa === undefined || gla === undefined
      ? undefined
      : [{ kind: 'guest-page', gpa: hexOf(gpa), gla: hexOf(gla) }];
  },
};
