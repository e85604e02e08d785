import { type Access, touchedSubPages } from '../access.ts';
import { eptLevels } from '../level.ts';
import type { Outcome } from '../outcome.ts';
import { allGive, mapsPage, type Right } from '../rights.ts';
import { permitsWrite } from '../spp/walk.ts';
import type { WalkRead } from '../translation.ts';
import type { Decision } from './outcome.ts';
import { facts, seed } from '../../citation.ts';

const rights = ['read', 'write', 'execute'] as const satisfies readonly Right[];

const sizeNames = { '4K': '4-KByte', '2M': '2-MByte', '1G': '1-GByte' } as const;

/** What all entries used permit, and which of them withhold a right that others give. */
function leafDecision(entries: readonly WalkRead[], leaf: WalkRead): Decision {
  const withheld = rights.flatMap(right => {
    const by = entries.filter(entry => !allGive([entry], right)).map(({ level }) => eptLevels[level].name);
    return by.length === 0 ? [] : [`${right} is withheld by the ${by.join(', ')}`];
  });
  const together = rights.filter(right => allGive(entries, right)).join(' ') || 'nothing';
  const size = eptLevels[leaf.level].pageSize;
  return {
    text: `maps a ${size === undefined ? '' : sizeNames[size]} page; all entries together permit ${together}${withheld.length > 0 ? `: ${withheld.join('; ')}` : ''}`,
    source: facts.eptSpp('2', 'leaf (level 1, or bit 7) -> stop descending; acc &= entry'),
  };
}

function vectorDecision({ word }: WalkRead, access: Access): Decision {
  const touched = touchedSubPages(access).map(
    i => `sub-page ${i}: bit ${2 * i} is ${permitsWrite(word, i) ? 1 : 0}`,
  );
  return {
    text: `no odd bit is set; bits 11:7 of the address: ${touched.join(', ')}`,
    source: seed('001', 'Write permission for i-th 128 byte sub-page region.'),
  };
}

/** Whether the outcome is this entry's own: it is not present, not valid or misconfigured. */
const isOwn = (outcome: Outcome, read: WalkRead): boolean =>
  outcome.walk.at(-1) === read &&
  (outcome.kind === 'ept_misconfig' ||
    outcome.kind === 'spp_miss' ||
    outcome.kind === 'spp_misconfig' ||
    ('cause' in outcome && outcome.cause.why === 'not-present'));

/**
 * What an entry decides and where that is written; `undefined` for the one that ends the walk by being absent or
 * misconfigured, whose decision is the outcome's.
 */
export function explainEntry(read: WalkRead, outcome: Outcome, access: Access): Decision | undefined {
  if (isOwn(outcome, read)) return undefined;
  const { table, level, word } = read;
  if (table === 'sppt') {
    return level === 1
      ? vectorDecision(read, access)
      : {
          text: `valid and well-formed: on to the L${level - 1}E`,
          source: seed('001', 'Valid entry when set; indicates whether the entry is present'),
        };
  }
  const entries = outcome.walk.filter(one => one.table === 'ept');
  if (mapsPage(level, word)) return leafDecision(entries, read);
  return {
    text: `present and well-formed: on to the ${eptLevels[(level - 1) as 1 | 2 | 3 | 4].name}`,
    source: facts.eptSpp('2', 'acc &= entry'),
  };
}
