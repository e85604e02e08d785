import { addressHex, groupedHex, wordHex } from '../../model/bits/index.ts';
import {
  attributesOf,
  kindOf,
  rightsText,
  type Stage2,
  type Stage2Outcome,
  translateStage2,
} from '../../model/arm64/index.ts';
import type { PhysicalMemory } from '../../model/memory/index.ts';
import { CommandError, Exit, type ExitCode } from '../exit.ts';
import { addressIn } from '../oracle/memory-flags.ts';
import { stage2In } from './flags.ts';

export interface Stage2WalkFlags {
  readonly stage2?: string;
  readonly gpa?: string;
  readonly access?: string;
  readonly user?: boolean;
}

const accessKinds = ['read', 'write', 'execute'] as const;

/** What one access comes to, and the table that was walked. */
export function stage2Walk(
  memory: PhysicalMemory,
  flags: Stage2WalkFlags,
): { readonly stage2: Stage2; readonly outcome: Stage2Outcome } {
  const stage2 = stage2In(flags.stage2, '--stage2');
  if (flags.gpa === undefined)
    throw new CommandError(Exit.usage, '--gpa is needed: the intermediate physical address');
  const kind = accessKinds.find(one => one === (flags.access ?? 'read'));
  if (kind === undefined)
    throw new CommandError(
      Exit.usage,
      `--access: expected ${accessKinds.join(', ')}, got "${flags.access ?? ''}"`,
    );
  const ipa = addressIn(flags.gpa, '--gpa');
  return { stage2, outcome: translateStage2(memory, stage2, { ipa, kind, el0: flags.user === true }) };
}

export const exitOf = (outcome: Stage2Outcome): ExitCode =>
  outcome.kind === 'unknown' ? Exit.unknown : Exit.ok;

/** The JSON object that `--json` prints. */
export function walkJson(outcome: Stage2Outcome): Record<string, unknown> {
  const walk = outcome.walk.map(({ level, at, word }) => ({
    level,
    at: addressHex(at),
    word: wordHex(word),
  }));
  const { kind, level } = outcome;
  switch (outcome.kind) {
    case 'allowed':
      return {
        kind,
        level,
        pa: addressHex(outcome.pa),
        pageSize: addressHex(outcome.sizeBytes),
        rights: rightsText(outcome.attributes),
        setsAccessFlag: outcome.setsAccessFlag,
        walk,
      };
    case 'translation_fault':
      return { kind, level, cause: outcome.cause, walk };
    case 'address_size_fault':
      return { kind, level, output: addressHex(outcome.output), walk };
    case 'access_flag_fault':
      return { kind, level, walk };
    case 'permission_fault':
      return { kind, level, rights: rightsText(outcome.attributes), walk };
    case 'unknown':
      return { kind, level, address: addressHex(outcome.address), walk };
  }
}

/** The lines for a person: every descriptor that was read, and what the access comes to. */
export function* walkText({ lpa2 }: Stage2, outcome: Stage2Outcome): Generator<string> {
  for (const { level, at, word } of outcome.walk) {
    const kind = kindOf(word, level, lpa2);
    const rights = kind === 'block' || kind === 'page' ? ` ${rightsText(attributesOf(word))}` : '';
    yield `  level ${level}  ${addressHex(at)}  ${groupedHex(word)}  ${kind}${rights}`;
  }
  yield headline(outcome);
}

function headline(outcome: Stage2Outcome): string {
  switch (outcome.kind) {
    case 'allowed':
      return `allowed: physical address ${addressHex(outcome.pa)}, in ${addressHex(outcome.sizeBytes)} bytes that are ${rightsText(outcome.attributes)}${outcome.setsAccessFlag ? '; the hardware sets the access flag' : ''}`;
    case 'translation_fault':
      return `translation fault, level ${outcome.level}: ${outcome.cause}`;
    case 'address_size_fault':
      return `address size fault, level ${outcome.level}: ${addressHex(outcome.output)} has more bits than VTCR_EL2.PS allows`;
    case 'access_flag_fault':
      return `access flag fault, level ${outcome.level}: bit 10 is 0 and VTCR_EL2.HA does not let the hardware set it`;
    case 'permission_fault':
      return `permission fault, level ${outcome.level}: the leaf is ${rightsText(outcome.attributes)}`;
    case 'unknown':
      return `unknown: the level-${outcome.level} descriptor at ${addressHex(outcome.address)} is not in the dump`;
  }
}
