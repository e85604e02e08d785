import {
  type Access,
  type AccessKind,
  accessKinds,
  capabilitiesOf,
  controlsOf,
  type Cpu,
  cpuWith,
  readings,
  rulesWith,
  type WalkRules,
} from '../../model/ept/index.ts';
import type { MemoryFlags } from '../live/memory.ts';
import type { TableFormat } from '../arm64/flags.ts';
import { addressHex } from '../../model/bits/index.ts';
import { CommandError, Exit } from '../exit.ts';

/** The flags of `walk` as commander hands them over. */
export interface WalkFlags extends MemoryFlags {
  readonly format?: TableFormat;
  readonly stage2?: string;
  readonly eptp?: string;
  readonly spptp?: string;
  readonly gpa?: string;
  readonly gla?: string;
  readonly access?: string;
  readonly maxphyaddr: string;
  readonly control?: string;
  readonly lacks?: string;
  readonly secondaryControls?: string;
  readonly eptVpidCap?: string;
  readonly user?: boolean;
  readonly pageWalk?: boolean;
  readonly linear: boolean;
  readonly guestReadOnly?: boolean;
  readonly guestNx?: boolean;
  readonly supervisorShadowStack?: boolean;
  readonly nmiUnblocking?: boolean;
  readonly eventDelivery?: boolean;
  readonly pmlIndex: string;
  readonly pmlAddress: string;
  readonly veInfo: string;
  readonly reading?: string;
  readonly whyBits?: boolean;
  readonly json?: boolean;
  readonly jsonl?: boolean;
}

const usage = (message: string): CommandError => new CommandError(Exit.usage, message);

/**
 * A 64-bit number as a person pastes it: with 0x, with a letter digit, or padded with zeros it is hexadecimal. Digits
 * alone could be either, and tools print both: refused, with both readings, unless they are the same.
 */
export function numberFlag(flag: string, text: string): bigint {
  const isHex = /^(?:0x)?[0-9a-f]{1,16}$/i.test(text) && (/^0x|[a-f]/i.test(text) || /^0\d/.test(text));
  if (isHex) return BigInt(/^0x/i.test(text) ? text : `0x${text}`);
  if (/^\d$/.test(text)) return BigInt(text);
  if (/^\d{1,16}$/.test(text))
    throw usage(
      `${flag}: ${text} can be 0x${text}, or ${addressHex(BigInt(text))} if it is decimal: write one of them`,
    );
  throw usage(`${flag}: expected a 64-bit number such as 0x1000, got "${text}"`);
}

/** A small number that people count, in decimal or with 0x. */
function smallFlag(flag: string, text: string, min: number, max: number): number {
  const value = /^(?:\d{1,9}|0x[0-9a-f]{1,8})$/i.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw usage(`${flag}: expected ${min} to ${max}, got ${text}`);
}

/** The names of `--control`, and what each turns on. */
export const controlNames = { spp: 'spp', mbe: 'mbe', ve: 'eptViolationVe', pml: 'pml' } as const;

/** The names of `--lacks`, and what each takes away. */
export const capabilityNames = {
  'execute-only': 'executeOnly',
  '4-level': 'fourLevelWalk',
  '5-level': 'fiveLevelWalk',
  uc: 'uncacheableEpt',
  wb: 'writeBackEpt',
  '2m': 'twoMPages',
  '1g': 'oneGPages',
  ad: 'eptAdSupported',
  'shadow-stack': 'cet',
  'advanced-info': 'advEptInfo',
} as const;

function namesFlag<K extends string>(
  flag: string,
  text: string | undefined,
  known: readonly K[],
): readonly K[] {
  if (text === undefined) return [];
  return text.split(',').map(word => {
    const name = known.find(one => one === word.trim());
    if (name === undefined)
      throw usage(`${flag}: there is no "${word.trim()}"; one or more of ${known.join(', ')}`);
    return name;
  });
}

/** The rules of the specification, or those with other readings of it. */
export function rulesFromFlag(text: string | undefined): WalkRules {
  const named = namesFlag(
    '--reading',
    text,
    readings.map(({ name }) => name),
  );
  return rulesWith(readings.filter(({ name }) => named.includes(name)));
}

const keysOf = <T extends object>(table: T): readonly (keyof T & string)[] =>
  Object.keys(table) as (keyof T & string)[];

const accessForm = `one of ${accessKinds.join(', ')}, with :BYTES where not 1`;

function accessFlag(text: string): { kind: AccessKind; size: number } {
  const [word, size = '1', ...rest] = text.split(':');
  const kind = accessKinds.find(one => one === word?.replaceAll('-', '_'));
  if (kind === undefined || rest.length > 0) throw usage(`--access: expected ${accessForm}, got "${text}"`);
  return { kind, size: smallFlag('--access', size, 1, 4096) };
}

function needed(flag: string, value: string | undefined, form?: string): string {
  if (value !== undefined) return value;
  throw usage(`${flag} is needed (or --jsonl)${form === undefined ? '' : `: ${form}`}`);
}

/** The processor that the flags describe. */
function cpuFromFlags(flags: WalkFlags): Cpu {
  const on = namesFlag('--control', flags.control, keysOf(controlNames));
  const lacking = namesFlag('--lacks', flags.lacks, keysOf(capabilityNames));
  return cpuWith({
    eptp: numberFlag('--eptp', needed('--eptp', flags.eptp)),
    spptp: numberFlag('--spptp', flags.spptp ?? '0'),
    maxPhysicalAddressWidth: smallFlag('--maxphyaddr', flags.maxphyaddr, 12, 52),
    controls: {
      ...(flags.secondaryControls === undefined
        ? {}
        : controlsOf(numberFlag('--secondary-controls', flags.secondaryControls))),
      ...Object.fromEntries(on.map(name => [controlNames[name], true])),
    },
    capabilities: {
      ...(flags.eptVpidCap === undefined
        ? {}
        : capabilitiesOf(numberFlag('--ept-vpid-cap', flags.eptVpidCap))),
      ...Object.fromEntries(lacking.map(name => [capabilityNames[name], false])),
    },
    state: {
      nmiUnblockingIret: flags.nmiUnblocking === true,
      eventDelivery: flags.eventDelivery === true,
      pmlIndex: smallFlag('--pml-index', flags.pmlIndex, 0, 0xffff),
      pmlAddress: numberFlag('--pml-address', flags.pmlAddress),
      veInfoAddress: numberFlag('--ve-info', flags.veInfo),
    },
  });
}

/** The processor and the access that the flags describe. */
export function requestFromFlags(flags: WalkFlags): { readonly cpu: Cpu; readonly access: Access } {
  const cpu = cpuFromFlags(flags);
  const gpa = numberFlag('--gpa', needed('--gpa', flags.gpa));
  if (gpa >= 1n << 52n) throw usage('--gpa: a guest-physical address has at most 52 bits');
  return {
    cpu,
    access: {
      ...accessFlag(needed('--access', flags.access, accessForm)),
      gpa,
      gla: numberFlag('--gla', flags.gla ?? '0'),
      linearValid: flags.linear,
      pageWalk: flags.pageWalk === true,
      userMode: flags.user === true,
      guestWritable: flags.guestReadOnly !== true,
      guestNx: flags.guestNx === true,
      supervisorShadowStack: flags.supervisorShadowStack === true,
    },
  };
}
