import { anySet, maskOf } from '../../bits/index.ts';
import { without } from '../../fault.ts';
import type { WalkFault } from '../rules.ts';
import { EptPte } from '../entry.ts';
import { permitsWrite } from '../spp/walk.ts';
import { facts, seed } from '../../citation.ts';

/** Bugs of an SPPT walk that leave out no check and mistake no mask. */
export const spptFaults: readonly WalkFault[] = [
  {
    name: 'bit-61-over-write-bit',
    about: 'Bit 61 sends a write to the SPPT although every entry permits writes.',
    source: seed('001', '<true> --> Ignore SPP'),
    change: rules => ({
      sppConditions: without(rules.sppConditions, 'accumulated-write-clear'),
      missingRights: (page, demand, cpu) => {
        const asks = cpu.controls.spp && demand.write && EptPte.get(page.leaf.word, 'subPageWrite');
        return asks && page.level === 1 ? ['write'] : rules.missingRights(page, demand, cpu);
      },
    }),
  },
  {
    name: 'vector-inverted',
    about: 'A set bit of the vector denies.',
    source: seed('001', 'Write permission for i-th 128 byte sub-page region.'),
    change: () => ({ permitsWrite: (vector, subPage) => !permitsWrite(vector, subPage) }),
  },
  {
    name: 'vector-not-spread',
    about: 'The permission of sub-page i is bit i, as in the access map, and not bit 2i.',
    source: facts.eptSpp('3.1', 'spread(vector): bit i -> bit 2i'),
    change: () => ({
      permitsWrite: (vector, subPage) => anySet(vector, maskOf({ hi: subPage, lo: subPage })),
    }),
  },
  {
    name: 'sub-page-from-wrong-bits',
    about: 'The sub-page is taken from bits 10:6 of the address.',
    source: seed('003', 'bits 11:7 of the address'),
    change: () => ({ touchedSubPages: ({ gpa }) => [Number((gpa / 64n) % 32n)] }),
  },
  {
    name: 'last-sub-page-only',
    about: 'A write needs the permission of the sub-page of its last byte only.',
    source: facts.eptSpp('2.1', 'model "every touched sub-page must be writable"'),
    change: rules => ({ touchedSubPages: access => rules.touchedSubPages(access).slice(-1) }),
  },
  {
    name: 'any-sub-page',
    about: 'A write needs the permission of one of the sub-pages that it touches.',
    source: facts.eptSpp('2.1', 'model "every touched sub-page must be writable"'),
    change: rules => ({
      touchedSubPages: access => rules.touchedSubPages(access).slice(0, 1),
      permitsWrite: (vector, subPage) =>
        rules.permitsWrite(vector, subPage) || rules.permitsWrite(vector, (subPage + 1) % 32),
    }),
  },
  {
    name: 'invalid-entry-followed',
    about: 'The valid bit of an SPPT entry is not looked at.',
    source: seed('001', 'Valid entry when set; indicates whether the entry is present'),
    change: rules => ({
      spptEntryClass: (word, cpu, level) => {
        const found = rules.spptEntryClass(word, cpu, level);
        return found === 'miss' ? 'table' : found;
      },
    }),
  },
];
