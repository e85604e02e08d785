import * as fc from 'fast-check';
import {
  type Action,
  disabled,
  type Instance,
  type Property,
  type Read,
  type Result,
  type Slot,
  type System,
} from '../../checker/index.ts';

/** What a random system is made from: sizes, and one number from which all its behaviour follows. */
export interface Recipe {
  readonly domains: readonly number[];
  /** Slots that always hold the same value: they make rows long without making states many. */
  readonly copies: number;
  readonly grouped: boolean;
  readonly actions: number;
  /** Into how many parts the system falls: an action looks at slots of one of them only, and writes only those. */
  readonly parts: number;
  /** How seldom a sentence is false of what it looks at. */
  readonly oneIn: number;
  readonly seed: number;
  readonly deadlock: 'off' | 'stuck' | 'stutter';
}

export const recipe: fc.Arbitrary<Recipe> = fc.record({
  domains: fc.array(fc.integer({ min: 2, max: 6 }), { minLength: 1, maxLength: 16 }),
  copies: fc.constantFrom(1, 1, 9),
  grouped: fc.boolean(),
  actions: fc.integer({ min: 0, max: 9 }),
  parts: fc.constantFrom(1, 1, 2, 3),
  oneIn: fc.constantFrom(9, 40, 120),
  seed: fc.nat(),
  deadlock: fc.constantFrom('off', 'stuck', 'stutter'),
});

/** A number that looks random and is the same for the same words: behaviour as a function of what was read. */
function mix(...words: readonly number[]): number {
  return words.reduce((hash, word) => Math.imul(hash ^ word, 0x85ebca6b) ^ (hash >>> 13), 0x9e3779b1) >>> 3;
}

const parity = (value: number): number => value % 2;
const isZero = (value: number): boolean => value === 0;

/** Reads up to three slots, each chosen by what was read before, some through a lens. */
function wander(read: Read, slots: readonly Slot<number>[], seed: number): number {
  let hash = seed;
  for (let turn = 0; turn < 1 + (seed % 3); turn++) {
    const slot = slots[mix(hash, turn) % slots.length] as Slot<number>;
    const way = mix(hash, turn, 7) % 3;
    hash = mix(hash, way === 0 ? read(slot) : way === 1 ? read(slot, parity) : Number(read(slot, isZero)));
  }
  return hash;
}

const results: readonly (Result | typeof disabled)[] = [0, 'ok', 0, 'ok', 3, -1, -22, disabled];

export function randomSystem({
  domains,
  copies,
  grouped,
  actions,
  parts,
  oneIn,
  seed,
  deadlock,
}: Recipe): System {
  const slots = Array.from({ length: domains.length * copies }, (_, at): Slot<number> => ({
    name: `s${at}`,
    initial: 0,
  }));
  // the places that actions of each part write
  const places = Array.from({ length: Math.min(parts, domains.length) }, (_, part) =>
    [...domains.keys()].filter(at => at % Math.min(parts, domains.length) === part),
  );
  const action = (index: number): Action => ({
    name: `op${index % 3}`,
    actor: 'anyone',
    args: { index },
    run(read, write) {
      const own = places[index % places.length] as readonly number[];
      const hash = wander(
        read,
        own.map(at => slots[at] as Slot<number>),
        mix(seed, index),
      );
      const result = results[mix(hash, 1) % results.length] as Result | typeof disabled;
      for (let turn = 0; typeof result !== 'number' || result >= 0 ? turn < hash % 3 : false; turn++) {
        // which slots an action writes depends on the action alone, so that small systems are frequent
        const at = own[mix(seed, index, turn, 2) % own.length] as number;
        const slot = slots[at] as Slot<number>;
        const next = mix(hash, turn, 3) % 2 === 0 ? read(slot) + 1 : mix(hash, turn, 4);
        for (let copy = at; copy < slots.length && result !== disabled; copy += domains.length)
          write(slots[copy] as Slot<number>, next % (domains[at] as number));
      }
      return result;
    },
  });
  const instances = (salt: number, oneIn: number): Instance[] =>
    [0, 1].map(member => ({
      about: `member ${member}`,
      holds: read => mix(wander(read, slots, mix(seed, salt, member)), 5) % oneIn !== 0,
    }));
  const about = { source: 'chance' };
  const properties: Property[] = [
    { kind: 'always', name: 'always', ...about, instances: instances(101, oneIn) },
    { kind: 'sometimes', name: 'sometimes', ...about, instances: instances(102, 2).slice(1) },
    { kind: 'recoverable', name: 'recoverable', ...about, instances: instances(103, 3) },
    {
      kind: 'step',
      name: 'step',
      ...about,
      holds: ({ before, after, result, changed }) =>
        mix(wander(before, slots, seed), wander(after, slots, seed), changed.length, Number(result === 0)) %
          11 !==
        0,
    },
  ];
  return {
    name: 'random',
    slots,
    ...(grouped && slots.length > 1 ? { groups: [slots.slice(-2)] } : {}),
    actions: Array.from({ length: actions }, (_, index) => action(index)),
    properties,
    deadlock,
    twin: {
      name: 'chance',
      disagrees: ({ before, changed }) =>
        changed.length > 1 && mix(wander(before, slots, seed + 1)) % 13 === 0
          ? 'it does something else'
          : undefined,
    },
  };
}
