import type { Word } from '../../../model/bits/index.ts';
import {
  type Access,
  type Capabilities,
  type Controls,
  type Cpu,
  type CpuState,
  cpuWith,
  type EntryField,
  Eptp,
} from '../../../model/ept/index.ts';
import type { AccessChoice } from '../access.ts';
import { accessOf, everyAccess } from './accesses.ts';

/** One access on one processor: what stays as it is while the words vary. */
export interface Setting {
  readonly name: string;
  readonly cpu: Cpu;
  /** The fields of the VMCS that vary too. */
  readonly varies: readonly EntryField[];
  readonly choice: AccessChoice;
  readonly levels: 4 | 5;
  readonly access: Access;
  /** Every access to the same page. */
  readonly accesses: readonly Access[];
}

/** What is chosen of a processor. */
export interface ProcessorChoice {
  readonly controls?: readonly (keyof Controls)[];
  readonly accessedDirty?: boolean;
  readonly supervisorShadowStack?: boolean;
  /** 4 unless said otherwise. */
  readonly levels?: 4 | 5;
  /** MAXPHYADDR, 46 unless said otherwise. */
  readonly width?: number;
  readonly state?: Partial<CpuState>;
  readonly lacks?: readonly (keyof Capabilities)[];
  readonly varies?: readonly EntryField[];
}

/** Where the pointers of the VMCS lead: to GBytes of their own, where no stand-in lies, below 2^36. */
const pointers = {
  eptp: 60n * 2n ** 30n,
  spptp: 61n * 2n ** 30n,
  veInfoAddress: 62n * 2n ** 30n,
  pmlAddress: 63n * 2n ** 30n,
} as const;

function processorOf(choice: ProcessorChoice): Cpu {
  const { controls = [], levels = 4, width = 46, state = {}, lacks = [] } = choice;
  const eptp = Eptp.encode({
    memoryType: 6,
    walkLengthMinusOne: levels - 1,
    accessedDirty: choice.accessedDirty ?? false,
    supervisorShadowStack: choice.supervisorShadowStack ?? false,
    table: pointers.eptp,
  });
  return cpuWith({
    eptp,
    spptp: pointers.spptp,
    maxPhysicalAddressWidth: width,
    controls: Object.fromEntries(controls.map(name => [name, true])),
    capabilities: Object.fromEntries(lacks.map(name => [name, false])),
    state: { veInfoAddress: pointers.veInfoAddress, pmlAddress: pointers.pmlAddress, ...state },
  });
}

/** The processor with these words in fields of its VMCS. */
export const withFields = <W extends Word>(
  cpu: Cpu,
  { eptp, spptp, pmlAddress, veInfoAddress }: Partial<Record<EntryField, W>>,
): Cpu<W | bigint> => ({
  ...cpu,
  eptp: eptp ?? cpu.eptp,
  spptp: spptp ?? cpu.spptp,
  state: {
    ...cpu.state,
    pmlAddress: pmlAddress ?? cpu.state.pmlAddress,
    veInfoAddress: veInfoAddress ?? cpu.state.veInfoAddress,
  },
});

const controlNames: Readonly<Record<keyof Controls, string>> = {
  spp: 'SPP',
  mbe: 'mode-based execute',
  eptViolationVe: '#VE',
  pml: 'PML',
};

const fieldNames: Readonly<Record<EntryField, string>> = {
  eptp: 'EPTP',
  spptp: 'SPPTP',
  pmlAddress: 'PML address',
  veInfoAddress: '#VE address',
};

function stateNames(state: Partial<CpuState>): readonly string[] {
  const { pmlIndex, protectedMode, eventDelivery, nmiUnblockingIret } = state;
  return [
    ...(pmlIndex === undefined ? [] : [`PML index ${pmlIndex}`]),
    ...(protectedMode === false ? ['real mode'] : []),
    ...(eventDelivery === true ? ['event delivery'] : []),
    ...(nmiUnblockingIret === true ? ['NMI-unblocking IRET'] : []),
  ];
}

/** `SPP, #VE; A/D; 4 levels; N = 46`. */
function nameOf(choice: ProcessorChoice): string {
  const { controls = [], levels = 4, width = 46, state = {}, lacks = [], varies = [] } = choice;
  const eptp = [
    ...(choice.accessedDirty === true ? ['A/D'] : []),
    ...(choice.supervisorShadowStack === true ? ['shadow stack'] : []),
    `${levels} levels`,
  ];
  return [
    controls.map(name => controlNames[name]).join(', ') || 'no control',
    ...(varies.includes('eptp') ? [] : eptp),
    ...(lacks.length > 0 ? [`without ${lacks.join(', ')}`] : []),
    ...stateNames(state),
    `N = ${width}`,
    ...(varies.length > 0 ? [`every ${varies.map(name => fieldNames[name]).join(', ')}`] : []),
  ].join('; ');
}

/** Every access on this processor, or the named ones. */
export function settingsOf(choice: ProcessorChoice, names?: readonly string[]): readonly Setting[] {
  const { levels = 4, varies = [] } = choice;
  const cpu = processorOf(choice);
  const accesses = everyAccess.map(one => accessOf(one, levels));
  return everyAccess
    .filter(({ name }) => names?.includes(name) ?? true)
    .map(one => ({
      name: `${one.name}: ${nameOf(choice)}`,
      cpu,
      varies,
      choice: one,
      levels,
      access: accessOf(one, levels),
      accesses,
    }));
}
