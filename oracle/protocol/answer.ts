import { addressHex, wordHex } from '../../model/bits/index.ts';
import { errnoName, type LeafWrite, showLeaf } from '../../model/pkvm/index.ts';
import type { Conversation } from '../conversation/index.ts';
import type { Answer } from './operation.ts';
import {
  countOf,
  type RunWrite,
  singly,
  type AllowedOutcome,
  type Word,
  type Need,
  type OracleEvent,
  type SilentStep,
  type Verdict,
} from '../step/index.ts';

/** The shapes of answers; a contract. u64 are "0x…" strings. */

/** The name of an errno without its sign, `null` for what is none. */
export const errnoOf = (ret: number): string | null => {
  const name = errnoName(ret);
  return name.startsWith('-E') ? name.slice(1) : null;
};

/** At most so many leaf words are listed one by one. */
const maxListed = 4096;

const writeJson = ({ table, address, before, after }: LeafWrite) => ({
  table,
  address: addressHex(address),
  before: wordHex(before),
  after: wordHex(after),
});

/** Leaf words that change, one by one; of very many the first of each run, with "pages". */
export function writesJson(writes: readonly RunWrite[]): readonly object[] {
  const total = writes.reduce((sum, { pages }) => sum + pages, 0);
  return total <= maxListed
    ? writes.flatMap(singly).map(writeJson)
    : writes.map(write => ({ ...writeJson(write), pages: write.pages }));
}

const needJson = ({ table, address }: Need) => ({ table, address: addressHex(address) });

const silentJson = ({ name, args }: SilentStep) => ({
  name,
  ...(args.vm === undefined ? {} : { vm: args.vm }),
  ...(args.hpa === undefined ? {} : { hpa: addressHex(args.hpa) }),
  ...(args.gpa === undefined ? {} : { gpa: addressHex(args.gpa) }),
  size: addressHex(args.size),
});

export const outcomeJson = ({ ret, rule, says, source, why, isLoose, writes }: AllowedOutcome) => ({
  ret,
  errno: errnoOf(ret),
  rule,
  says,
  source,
  why,
  ...(isLoose ? { loose: true } : {}),
  writes: writesJson(writes),
});

/** A verdict as an answer shows it; empty parts are left out. */
export function verdictJson(verdict: Verdict): Record<string, unknown> {
  const { rule, says, source, why, differences, inserted, needs, resync, isLoose } = verdict;
  return {
    verdict: verdict.verdict,
    rule,
    says,
    source,
    why,
    ...(isLoose ? { loose: true } : {}),
    ...(verdict.verdict === 'forbidden' && verdict.allowed.length > 0
      ? { allowed: verdict.allowed.map(outcomeJson) }
      : {}),
    ...(differences.length > 0 ? { differences } : {}),
    ...(inserted.length > 0 ? { inserted: inserted.map(silentJson) } : {}),
    ...(needs.length > 0 ? { needs: needs.map(needJson) } : {}),
    ...(resync === undefined ? {} : { resync }),
  };
}

/** A leaf as `read` answers: its word where every possible state agrees. */
export function leafJson({ table, address }: Need, words: readonly Word[]): Record<string, unknown> {
  const [only] = words;
  const place = { table, address: addressHex(address) };
  if (words.length === 1 && only !== undefined && only !== 'unknown')
    return { ...place, word: wordHex(only), leaf: showLeaf(only, table === 'host' ? 'host' : 'guest') };
  const possible = words.map(word => (word === 'unknown' ? word : wordHex(word)));
  return { ...place, word: null, unknown: true, possible };
}

/** Holds an event against every possible state and answers with the verdict, and what was predicted of a call. */
export function heldJson(conversation: Conversation, event: OracleEvent, seq?: number): Answer {
  const verdict = conversation.judge(event, seq);
  const [outcome] = verdict.allowed;
  const predicted =
    event.kind !== 'call' || outcome === undefined
      ? {}
      : { ret: outcome.ret, errno: errnoOf(outcome.ret), writes: writesJson(outcome.writes) };
  return {
    ...verdictJson(verdict),
    ...predicted,
    candidates: countOf(conversation.candidates),
    dialect: conversation.hash,
  };
}
