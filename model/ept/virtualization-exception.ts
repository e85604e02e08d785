import { bits, layout, type Word } from '../bits/index.ts';
import type { MemoryWrite } from '../memory/index.ts';
import type { Conditions } from './check.ts';
import type { Cpu } from './cpu.ts';
import { PageAddress } from './page-address.ts';
import type { Demand } from './demand.ts';
import { EptPte } from './entry.ts';
import type { WalkRead } from './translation.ts';
import { facts } from '../citation.ts';

/** The first word of the virtualization-exception information area. */
export const VeInfoHeader = layout('VeInfoHeader', { exitReason: bits(31, 0), busy: bits(63, 32) });

export const virtualizationExceptionVector = 20;

/** An EPT violation that may become a virtualization exception: the first and last EPT entry that the walk read. */
export interface Convertible {
  readonly first: WalkRead<Word> | undefined;
  readonly last: WalkRead<Word> | undefined;
  readonly cpu: Cpu<Word>;
}

export type VeCondition = 'control' | 'not-suppressed' | 'protected-mode' | 'no-event-delivery';

/**
 * When an EPT violation becomes a #VE, as long as the information area is free. SDM vol. 3C, "Virtualization
 * Exceptions"; facts 2, "#VE". An SPP denial is an EPT violation too; misses and misconfigurations never convert.
 */
export const veConditions: Conditions<VeCondition, Convertible> = [
  {
    name: 'control',
    rule: 'the control "EPT-violation #VE" is 1',
    unless: '"EPT-violation #VE" is 0',
    source: facts.eptSpp('2', 'iff control bit 18'),
    holds: ({ cpu }) => cpu.controls.eptViolationVe,
  },
  {
    name: 'not-suppressed',
    rule: 'bit 63 of the last entry read is 0',
    unless: 'bit 63 (suppress #VE) of the last entry read is 1',
    source: facts.eptSpp('2', 'bit 63 of the last entry read = 0'),
    holds: ({ last }) => last !== undefined && !EptPte.get(last.word, 'suppressVe'),
  },
  {
    name: 'protected-mode',
    rule: 'CR0.PE is 1',
    unless: 'CR0.PE is 0',
    source: facts.eptSpp('2', 'CR0.PE'),
    holds: ({ cpu }) => cpu.state.protectedMode,
  },
  {
    name: 'no-event-delivery',
    rule: 'no event is being delivered',
    unless: 'an event is being delivered',
    source: facts.eptSpp('2', 'no event delivery'),
    holds: ({ cpu }) => !cpu.state.eventDelivery,
  },
];

/** Whether the information area is free: "32 bits at VE-info+4 zero". */
export const isVeInfoFree = (header: Word): boolean => VeInfoHeader.isZero(header, 'busy');

/** What the processor writes into the information area. SDM vol. 3C, "Virtualization-Exception Information". */
export function veInfo(
  qualification: bigint,
  { access }: Demand,
  { state }: Cpu<Word>,
): readonly MemoryWrite[] {
  const at = PageAddress.get(state.veInfoAddress, 'page');
  return [
    { address: at, word: VeInfoHeader.encode({ exitReason: 48, busy: 0xffff_ffff }), bytes: 8 },
    { address: at + 8n, word: qualification, bytes: 8 },
    { address: at + 16n, word: access.linearValid ? access.gla : 0n, bytes: 8 },
    { address: at + 24n, word: access.gpa, bytes: 8 },
    { address: at + 32n, word: BigInt(state.eptpIndex), bytes: 2 },
  ];
}
