import { bit, ignored, layout } from '../bits/index.ts';
import type { Capabilities, Controls } from './cpu.ts';

/** IA32_VMX_EPT_VPID_CAP, MSR 0x48C: what the processor can do. facts/ept-spp.md 1.1. */
export const EptVpidCapability = layout('EptVpidCapability', {
  executeOnly: bit(0),
  _5_1: ignored(5, 1),
  fourLevelWalk: bit(6),
  fiveLevelWalk: bit(7),
  uncacheable: bit(8),
  _13_9: ignored(13, 9),
  writeBack: bit(14),
  _15: ignored(15),
  twoMPages: bit(16),
  oneGPages: bit(17),
  _19_18: ignored(19, 18),
  invept: bit(20),
  accessedDirty: bit(21),
  advancedInformation: bit(22),
  supervisorShadowStack: bit(23),
  _24: ignored(24),
  inveptSingle: bit(25),
  inveptAll: bit(26),
  _63_27: ignored(63, 27), // of VPIDs
});

/** What a walk asks of the processor, as the MSR says it. */
export function capabilitiesOf(word: bigint): Capabilities {
  const says = EptVpidCapability.decode(word);
  return {
    executeOnly: says.executeOnly,
    fourLevelWalk: says.fourLevelWalk,
    fiveLevelWalk: says.fiveLevelWalk,
    uncacheableEpt: says.uncacheable,
    writeBackEpt: says.writeBack,
    twoMPages: says.twoMPages,
    oneGPages: says.oneGPages,
    eptAdSupported: says.accessedDirty,
    advEptInfo: says.advancedInformation,
    cet: says.supervisorShadowStack,
  };
}

/** The MSR's fields by the names that people know them by, in the order of the bits. */
export const capabilityWords: readonly (readonly [
  keyof ReturnType<typeof EptVpidCapability.decode>,
  string,
])[] = [
  ['executeOnly', 'execute-only translations'],
  ['fourLevelWalk', 'page walks of 4 levels'],
  ['fiveLevelWalk', 'page walks of 5 levels'],
  ['uncacheable', 'EPT structures in uncacheable memory (UC)'],
  ['writeBack', 'EPT structures in write-back memory (WB)'],
  ['twoMPages', '2-MByte pages'],
  ['oneGPages', '1-GByte pages'],
  ['invept', 'INVEPT'],
  ['accessedDirty', 'accessed and dirty flags'],
  ['advancedInformation', 'advanced exit information (bits 11:9 of an EPT violation)'],
  ['supervisorShadowStack', 'supervisor shadow-stack control'],
];

/** Secondary processor-based VM-execution controls, VMCS field 0x401E, those that a walk asks about. facts/ept-spp.md 1.1. */
export const SecondaryControls = layout('SecondaryControls', {
  _0: ignored(0),
  enableEpt: bit(1),
  _6_2: ignored(6, 2),
  unrestrictedGuest: bit(7),
  _16_8: ignored(16, 8),
  pml: bit(17),
  eptViolationVe: bit(18),
  _21_19: ignored(21, 19),
  modeBasedExecute: bit(22),
  spp: bit(23),
  _63_24: ignored(63, 24),
});

export const secondaryControlsVmcsEncoding = 0x401e;

/** The controls of a walk, as the VMCS field says them. */
export function controlsOf(word: bigint): Controls {
  const { spp, modeBasedExecute, eptViolationVe, pml } = SecondaryControls.decode(word);
  return { spp, mbe: modeBasedExecute, eptViolationVe, pml };
}

/** The controls by the names that people know them by, with their bits. */
export const secondaryControlWords: readonly (readonly [
  keyof ReturnType<typeof SecondaryControls.decode>,
  string,
])[] = [
  ['enableEpt', 'enable EPT (1)'],
  ['unrestrictedGuest', 'unrestricted guest (7)'],
  ['pml', 'page-modification logging (17)'],
  ['eptViolationVe', '#VE on EPT violations (18)'],
  ['modeBasedExecute', 'mode-based execute control (22)'],
  ['spp', 'sub-page write permissions (23)'],
];
