import { expect, test } from 'vitest';
import { anySet, countOf, maskOf } from '../../../../model/bits/index.ts';
import { facts } from '../../../../model/citation.ts';
import {
  type Level,
  reservedMask,
  rulesWith,
  type SppMisconfig,
  type WalkFault,
} from '../../../../model/ept/index.ts';
import { SpptEntry, SppVector } from '../../../../model/ept/spp/index.ts';
import { memberOf } from '../../../../model/memory/index.ts';
import { replacing } from '../../../../model/fault.ts';
import { differenceOn } from '../../../../systems/spp-walk/every-word/apart.ts';
import { type ProcessorChoice, settingsOf } from '../../../../systems/spp-walk/every-word/settings.ts';
import { type WalkPath, walkPaths } from '../../../../systems/spp-walk/every-word/walk-paths.ts';

const bitsOf = (mask: bigint): readonly bigint[] =>
  Array.from({ length: 64 }, (_, at) => maskOf({ hi: at, lo: at })).filter(bit => (bit & mask) !== 0n);

/** One entry of the walk whose reserved bits misconfigure, with the first path that ends there for that reason. */
interface Misconfigured {
  readonly entry: string;
  readonly path: WalkPath;
  readonly reserved: bigint;
  /** The walk that forgets one reserved bit of this entry. */
  forgetting(bit: bigint): WalkFault;
}

const source = facts.eptSpp('1.3', 'any R0 bit of 1.2');
const faultOf = (change: WalkFault['change']): WalkFault => ({
  name: 'forgets a bit',
  about: '',
  source,
  change,
});

function ofEpt(path: WalkPath, level: Level): Misconfigured {
  const leaf = path.outcome.walk.at(-1)?.word;
  if (leaf === undefined) throw new Error('a misconfiguration is of an entry');
  const isPage = level === 1 || (level < 4 && anySet(leaf, maskOf({ hi: 7, lo: 7 })));
  return {
    entry: `EPT L${level}${isPage ? ' page' : ''}`,
    path,
    reserved: reservedMask({ level, isPage, cpu: path.setting.cpu }),
    forgetting: bit =>
      faultOf(rules => ({
        misconfigurations: replacing(rules.misconfigurations, 'reserved-bits', entry =>
          anySet(
            entry.word,
            reservedMask(entry) & ~(entry.level === level && entry.isPage === isPage ? bit : 0n),
          ),
        ),
      })),
  };
}

function ofSppt(path: WalkPath, level: SppMisconfig['level']): Misconfigured {
  const width = path.setting.cpu.maxPhysicalAddressWidth;
  const reserved = level === 1 ? SppVector.reservedMask : SpptEntry.reservedFor(width);
  return {
    entry: `SPPT L${level}`,
    path,
    reserved,
    forgetting: bit =>
      faultOf(rules =>
        level === 1
          ? { vectorReservedMask: () => reserved & ~bit }
          : {
              spptEntryClass: (word, cpu, at) => {
                if (at !== level || !SpptEntry.get(word, 'valid'))
                  return rules.spptEntryClass(word, cpu, at);
                return anySet(word, reserved & ~bit) ? 'misconfigured' : 'table';
              },
            },
      ),
  };
}

/** The entries of one setting, each once. */
function misconfiguredIn(choice: ProcessorChoice, name: string): readonly Misconfigured[] {
  const found = new Map<string, Misconfigured>();
  for (const setting of settingsOf(choice, [name]))
    for (const path of walkPaths(setting)) {
      const { outcome } = path;
      const one =
        outcome.kind === 'spp_misconfig'
          ? ofSppt(path, outcome.level)
          : outcome.kind === 'ept_misconfig' && outcome.reason === 'reserved-bits'
            ? ofEpt(path, outcome.level)
            : undefined;
      if (one === undefined) continue;
      if (!found.has(one.entry)) found.set(one.entry, one);
    }
  return [...found.values()];
}

const widths = Array.from({ length: 17 }, (_, i) => 36 + i);

test.each(widths)(
  'with %i address bits, a walk that forgets one reserved bit of one entry is found by its path',
  width => {
    const entries = new Map(
      [
        ...misconfiguredIn({ controls: ['spp'], levels: 4, width }, 'write'),
        ...misconfiguredIn({ levels: 5, width }, 'read'),
      ].map(one => [one.entry, one] as const),
    );
    expect([...entries.keys()].sort()).toEqual([
      ...(width < 52 ? ['EPT L1 page'] : []), // a PTE reserves no other bits
      'EPT L2',
      'EPT L2 page',
      'EPT L3',
      'EPT L3 page',
      'EPT L4',
      'EPT L5',
      'SPPT L1',
      'SPPT L2',
      'SPPT L3',
      'SPPT L4',
    ]);
    let bits = 0;
    for (const { entry, path, reserved, forgetting } of entries.values()) {
      for (const bit of bitsOf(reserved)) {
        const found = differenceOn(path, rulesWith([forgetting(bit)]));
        if (found === undefined) throw new Error(`${entry}, bit ${countOf(bit - 1n)}, is not missed`);
        const word = [...found.member.memory.words.values()][path.outcome.walk.length - 1] ?? 0n;
        expect(word & reserved).toBe(bit);
        bits++;
      }
    }
    // bits 51:N of ten entries that hold an address; bits 7:3 of two and 6:3 of two tables; bits 29:12 and 20:12 of two
    // large pages; bits 11:1 and 63:52 of three SPPT entries; every odd bit of the vector
    expect(bits).toBe(10 * (52 - width) + 2 * 5 + 2 * 4 + 18 + 9 + 3 * (11 + 12) + 32);
  },
);

test('a path is what it was after a faulty walk was run on its words', () => {
  const [first] = misconfiguredIn({ controls: ['spp'] }, 'write');
  if (first === undefined) throw new Error('there is a misconfiguration');
  const words = () => [...memberOf(first.path.memory, 'smallest').memory.words];
  const before = words();
  const [bit = 0n] = bitsOf(first.reserved);
  expect(differenceOn(first.path, rulesWith([first.forgetting(bit)]))).toBeDefined();
  expect(words()).toEqual(before);
});
