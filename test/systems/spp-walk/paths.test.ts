import { getSimplePaths } from '@xstate/graph';
import { describe, expect, test } from 'vitest';
import { eptWalk, type EptWalkEvent, eptWalkEvents } from '../../../machines/ept-walk.ts';
import {
  type EptLeafEvent,
  sppWalk,
  type SppWalkEvent,
  sppWalkEvents,
} from '../../../machines/spp-walk.ts';
import { cpuWith, guestAccess, translate } from '../../../model/ept/index.ts';
import { sparseMemory } from '../../../model/memory/index.ts';
import { at, eptEntryAt, gpaAt, spptEntryAt } from '../../../systems/spp-walk/image.ts';
import { imagesFor } from './path-image.ts';

const valueOf = (state: { value: unknown }): string => JSON.stringify(state.value);

const eptPaths = getSimplePaths(eptWalk, {
  events: [...eptWalkEvents],
  limit: 100_000,
  serializeState: valueOf,
}).filter(({ state }) => state.status === 'done');

const sppPaths = getSimplePaths(sppWalk, {
  events: [...sppWalkEvents],
  limit: 100_000,
  serializeState: valueOf,
}).filter(({ state }) => state.status === 'done');

const eventsOf = <E extends { type: string }>(
  steps: readonly { event: { type: string } }[],
): readonly E[] =>
  steps.map(({ event }) => event).filter((event): event is E => event.type !== 'xstate.init');

describe('the machine ept-walk', () => {
  // 4 levels: 4 not present x 2, 4 misconfigured, two sizes of large page x (3 + 2 + 2), one small page
  // x (3 + 2 + (3 + 2 + 1 + 1 + 2)), where a grant has 4 ways through the flags and not 3: see below. 5 levels: the
  // same and one more level to be not present or misconfigured on. And one failed VM entry.
  test('has as many paths as its arrows make', () => {
    const granted = 4; // flags needed or not, log full or not
    const refused = 2; // convertible or not
    const large = granted + 2 * refused;
    const small = granted + refused + (granted + 2 * refused + 2);
    const ofLevels = (levels: number): number => levels * (refused + 1) + 2 * large + small;
    console.log(`ept-walk: ${eptPaths.length} paths to an outcome`);
    expect(eptPaths).toHaveLength(1 + ofLevels(4) + ofLevels(5));
    expect(eptPaths).toHaveLength(92);
  });

  test('ends every path where translate() ends on every memory image that takes it', () => {
    let images = 0;
    const wrong = eptPaths.flatMap(({ state, steps }) => {
      const events = eventsOf<EptWalkEvent>(steps);
      return imagesFor(events).flatMap(({ about, memory, cpu, access }) => {
        images++;
        const outcome = translate(memory, cpu, access);
        return outcome.kind === state.value
          ? []
          : [{ events, about, is: outcome.kind, wanted: state.value }];
      });
    });
    expect(wrong).toEqual([]);
    // one image for each way in which the events of a path can come about: each entry in turn lacks the right, each
    // level of the SPPT in turn misses or is misconfigured, four kinds of access are granted
    expect(images).toBe(502);
  });
});

/** The words that make this leaf event: an access that the EPT refuses wherever the event allows that. */
function imageForLeaf(event: EptLeafEvent, more: readonly (readonly [bigint, bigint])[]) {
  const { sppControl, bit61, writable, isWrite, readable, maps4K, isOrdinary } = event;
  const rights = (readable ? 1n : 0n) + (writable ? 2n : 0n) + (isWrite ? 4n : 0n);
  const high = bit61 ? 2n ** 61n : 0n;
  const leaf: readonly (readonly [bigint, bigint])[] = maps4K
    ? [
        [eptEntryAt(2), at.ept[1] + 7n],
        [eptEntryAt(1), at.page['4K'] + 0x30n + rights + high],
      ]
    : [[eptEntryAt(2), at.page['2M'] + 0xb0n + rights + high]];
  return {
    memory: sparseMemory([
      [eptEntryAt(4), at.ept[3] + 7n],
      [eptEntryAt(3), at.ept[2] + 7n],
      ...leaf,
      ...more,
    ]),
    cpu: cpuWith({ eptp: at.ept[4] + 0x1en, spptp: at.sppt[4], controls: { spp: sppControl } }),
    access: guestAccess(isWrite ? 'write' : 'execute', gpaAt(0x280, 4), { linearValid: isOrdinary }),
  };
}

const spptWord = {
  valid: (level: 4 | 3 | 2) => at.sppt[(level - 1) as 3 | 2 | 1] + 1n,
  not_valid: () => 0n,
  misconfigured: (level: 4 | 3 | 2) => at.sppt[(level - 1) as 3 | 2 | 1] + 3n,
} as const;

function spptWords(events: readonly SppWalkEvent[]): readonly (readonly [bigint, bigint])[] {
  return events.slice(1).map((event, i): readonly [bigint, bigint] => {
    const level = (4 - i) as 4 | 3 | 2 | 1;
    if (event.type === 'sppt_entry' && level > 1) {
      return [spptEntryAt(level), spptWord[event.is](level as 4 | 3 | 2)];
    }
    if (event.type !== 'sppt_vector') throw new Error(`no ${event.type} at level ${level}`);
    return [spptEntryAt(level), (event.isWritable ? 4n ** 5n : 0n) + (event.hasOddBits ? 2n : 0n)];
  });
}

const kindOf: Readonly<Record<string, string>> = {
  sppt_miss: 'spp_miss',
  sppt_misconfig: 'spp_misconfig',
  allow: 'allowed',
  disallow: 'ept_violation',
};

describe('the machine spp-walk', () => {
  test('has as many paths as its arrows make', () => {
    // 127 of the 128 leaves end at once; the last goes on: 2 + 2 + 2 endings above the vector, 4 at it
    console.log(`spp-walk: ${sppPaths.length} paths to an outcome`);
    expect(sppPaths).toHaveLength(127 + 10);
  });

  test('ends every path where translate() ends, reading the SPPT only where the machine does', () => {
    const tried = { walks: 0, impossible: 0 };
    const wrong = sppPaths.flatMap(({ state, steps }) => {
      const events = eventsOf<SppWalkEvent>(steps);
      const [leaf] = events;
      if (leaf?.type !== 'ept_leaf') throw new Error('a path begins with the leaf');
      // a writable page that is not readable is a misconfiguration: no walk brings it here
      if (leaf.writable && !leaf.readable) {
        tried.impossible++;
        return [];
      }
      // neither readable nor anything else: not present
      if (!leaf.readable && !leaf.isWrite) {
        tried.impossible++;
        return [];
      }
      tried.walks++;
      const { memory, cpu, access } = imageForLeaf(leaf, spptWords(events));
      const outcome = translate(memory, cpu, access);
      const wanted =
        kindOf[String(state.value)] ?? (leaf.writable && leaf.isWrite ? 'allowed' : 'ept_violation');
      const read = outcome.walk.filter(({ table }) => table === 'sppt').length;
      return outcome.kind === wanted && read === events.length - 1
        ? []
        : [{ events, wanted, is: outcome.kind, read }];
    });
    expect(wrong).toEqual([]);
    expect(tried).toEqual({ walks: 89, impossible: 48 });
  });
});
