import type { Fact } from '../../evidence/paste/index.ts';
import { addressHex, bitsNamed, wordHex } from '../../model/bits/index.ts';
import {
  type Capabilities,
  capabilitiesOf,
  capabilityWords,
  cpuWith,
  EptVpidCapability,
  type Level,
  mapsPage,
  reservedMask,
} from '../../model/ept/index.ts';
import type { Conclusion, Said } from './conclusion.ts';

/** What the processor can do, by the last capability word that was pasted. */
export function capabilitiesSaid(facts: readonly Fact[]): Partial<Capabilities> {
  const last = facts.findLast(fact => fact.kind === 'capability');
  return last?.kind === 'capability' ? capabilitiesOf(last.word) : {};
}

/** Conclusions about single facts that stand for themselves. */
export function concludeSingle(fact: Fact, said: Said): Conclusion | undefined {
  const about = `line ${fact.line}`;
  switch (fact.kind) {
    case 'capability': {
      const says = EptVpidCapability.decode(fact.word);
      const has = capabilityWords.filter(([field]) => says[field]).map(([, words]) => words);
      const lacks = capabilityWords.filter(([field]) => !says[field]).map(([, words]) => words);
      const lines = [
        `the processor has: ${has.join('; ')}`,
        `it lacks: ${lacks.join('; ') || 'nothing of these'}`,
      ];
      return { about: `IA32_VMX_EPT_VPID_CAP = ${addressHex(fact.word)}`, verdict: 'told', lines };
    }
    case 'ambiguous':
      return {
        about,
        verdict: 'unknown',
        lines: [
          `${fact.field} ${fact.digits} can be 0x${fact.digits} or ${addressHex(BigInt(fact.digits))}: nothing here says whether it is hexadecimal`,
        ],
      };
    case 'guest-page':
      return { about, verdict: 'told', lines: guestPageLines(fact) };
    case 'reserved-said':
      return { about, verdict: 'told', lines: reservedLines(fact, said) };
    case 'pkvm':
      return concludePkvm(fact);
    default:
      return undefined;
  }
}

function guestPageLines({ gpa, gla, userAddress }: Extract<Fact, { kind: 'guest-page' }>): string[] {
  if (userAddress !== undefined)
    return [
      `the monitor could not pin the page of its own memory at ${addressHex(userAddress)} that should back the guest: no entry of the EPT was set`,
    ];
  return [
    `the guest touched guest-physical ${addressHex(gpa ?? 0n)}${gla === undefined ? '' : ` (linear ${addressHex(gla)})`}, which is not mapped`,
  ];
}

/** What the architecture reserves in the word, whatever mask the hypervisor printed. */
function reservedLines(
  { word, level, mask }: Extract<Fact, { kind: 'reserved-said' }>,
  said: Said,
): string[] {
  if (level < 1 || level > 5) return [`level ${level} is none of an EPT`];
  const at = level as Level;
  const width = widthOf(mask) ?? said.maxPhysicalAddressWidth;
  const cpu = cpuWith({ eptp: 0x1en, maxPhysicalAddressWidth: width });
  const isPage = mapsPage(at, word);
  const reserved = level > 3 && isPage ? 0n : word & reservedMask({ level: at, isPage, cpu });
  const bySaid = word & mask;
  return [
    bySaid === 0n
      ? `${wordHex(word)} has none of the bits set that the hypervisor takes for reserved (${addressHex(mask)})`
      : `${wordHex(word)}: ${bitsNamed(bySaid)} set, which the hypervisor takes for reserved (${addressHex(mask)})`,
    reserved === 0n
      ? `as an entry of an EPT with N = ${width} it has no reserved bit set`
      : `as an entry of an EPT with N = ${width}: reserved ${bitsNamed(reserved)} set`,
  ];
}

/** The physical-address width that a mask of reserved bits tells: its upper part begins at N. */
function widthOf(mask: bigint): number | undefined {
  for (let width = 36; width <= 52; width++) if ((mask >> BigInt(width)) % 2n === 1n) return width;
  return undefined;
}

const errnos: Readonly<Record<number, string>> = {
  [-1]: '-EPERM: the page, or the gpa, is not in the state that the call needs; a refused call changes nothing',
  [-7]: '-E2BIG: the memcache holds too few table pages',
  [-12]: '-ENOMEM: a table page could not be had',
  [-16]: '-EBUSY: something still holds the page (a DMA pin, a reference)',
  [-22]: '-EINVAL: the range is empty, misaligned, wraps or is no RAM',
};

function concludePkvm({ what, address, ret, line }: Extract<Fact, { kind: 'pkvm' }>): Conclusion {
  const where = address === undefined ? '' : ` ${addressHex(address)}`;
  if (what === 'host touched protected memory')
    return {
      about: `line ${line}`,
      verdict: 'unknown',
      lines: [
        `the host touched${where} and was refused: right if the page is the hypervisor's or a protected guest's, wrong if it is the host's`,
      ],
      missing: [
        'which memory is the hypervisor’s from the start, and the calls that moved the page: "pagewarden: hello ram=… hyp=…" and a line a call (pagewarden oracle snippet), then pagewarden oracle check'.replaceAll(
          '’',
          "'",
        ),
      ],
    };
  const why = ret === undefined ? '' : `: ${ret} is ${errnos[ret] ?? 'no error number of these calls'}`;
  return {
    about: `line ${line}`,
    verdict: 'told',
    lines: [`${what}${where === '' ? '' : ` for page${where}`}${why}`],
  };
}

/** What is outside this specification, said once. */
export function concludeScope(facts: readonly Fact[]): readonly Conclusion[] {
  const amd = facts.find(fact => fact.kind === 'other-architecture');
  return amd === undefined
    ? []
    : [
        {
          about: `line ${amd.line}`,
          verdict: 'out of scope',
          lines: ['an AMD host: nested page faults (npf) and nested page tables are not specified here'],
        },
      ];
}
