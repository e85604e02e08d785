import { addressHex } from '../../bits/index.ts';
import { pageOfData, vmcs12Revision } from './abi.ts';
import type { Vcpu } from './dialect.ts';
import { type Call, vmcs12At } from './rule.ts';

const hex = (value: number): string => `0x${value.toString(16)}`;

/** What the caller's memory says, for the checks of VMX. */
function vmxText({ state, memory }: Call<Vcpu>): string {
  const { flags, format, size, vmx, data } = state;
  const [first, shadow] = [vmcs12At(data, 0), vmcs12At(data, pageOfData)];
  return [
    `${memory.length} bytes`,
    `flags ${hex(flags)}`,
    `format ${format}`,
    `size ${size}`,
    `vmxon_pa ${addressHex(vmx.vmxonPa)}`,
    `vmcs12_pa ${addressHex(vmx.vmcs12Pa)}`,
    `smm.flags ${hex(vmx.smmFlags)}`,
    `vmx.flags ${hex(vmx.flags)}`,
    ...(first === undefined
      ? ['no vmcs12']
      : [`vmcs12 revision ${hex(first.revision)} (this KVM's is ${hex(vmcs12Revision)})`]),
    ...(shadow === undefined || first?.usesShadow !== true
      ? []
      : [`shadow vmcs12 revision ${hex(shadow.revision)}, indicator ${shadow.isShadow ? 1 : 0}`]),
  ].join(', ');
}

const svmText = ({ state: { flags, format, size, svm }, memory }: Call<Vcpu>): string =>
  `${memory.length} bytes, flags ${hex(flags)}, format ${format}, size ${size}, vmcb_pa ${addressHex(svm.vmcbPa)}`;

/** What a vCPU adds that decides: what is as the kernel's test has it is left out. */
const vcpuText = (vcpu: Vcpu): string =>
  [
    ...(vcpu.inSmm ? ['the vCPU is in SMM'] : []),
    ...(vcpu.hasMemory ? [] : ['there is no memory']),
    ...(vcpu.vendor === 'vmx' && !vcpu.guestVmxCpuid ? ['the guest has no VMX'] : []),
    ...(vcpu.vendor === 'svm' && !vcpu.eferSvme ? ['EFER.SVME is 0'] : []),
    ...(vcpu.entersL2 ? [] : ['VM entry would refuse it, as the request says']),
    `addresses of ${vcpu.maxPhysicalAddressWidth} bits`,
  ].join(', ');

/** Why a call was refused, as a sentence: what was found where the check demands `about`. */
export const refusalText = (about: string, call: Call<Vcpu>): string =>
  `not so: ${about}; found ${call.vcpu.vendor === 'vmx' ? vmxText(call) : svmText(call)}; ${vcpuText(call.vcpu)}`;
