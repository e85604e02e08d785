import { normative, type WalkRules } from '../../../model/ept/index.ts';
import { type Held, holdSetting } from './hold.ts';
import { type ProcessorChoice, type Setting, settingsOf } from './settings.ts';

/** Physical-address widths but 46, the one of the settings that name none. */
const otherWidths = Array.from({ length: 17 }, (_, i) => 36 + i).filter(width => width !== 46);

/** A processor, and the accesses that are proven on it: all of them where none is named. */
type Chosen = readonly [choice: ProcessorChoice, names?: readonly string[]];

/** What is proven where nobody asks for more: every access, every control, and each thing that a setting may change. */
const choices: readonly Chosen[] = [
  [{}],
  [{ controls: ['spp'] }],
  [{ controls: ['spp'], accessedDirty: true, supervisorShadowStack: true }],
  [{ controls: ['spp'], levels: 5 }, ['read', 'write', 'fetch']],
  [{ controls: ['spp', 'pml'], accessedDirty: true }],
  [{ controls: ['spp', 'pml'], accessedDirty: true, state: { pmlIndex: 512 } }, ['read', 'write']],
  [{ controls: ['spp', 'eptViolationVe'] }, ['read', 'write', 'fetch', 'PDPTE load']],
  [{ controls: ['spp', 'eptViolationVe'], state: { eventDelivery: true } }, ['write']],
  [{ controls: ['spp', 'eptViolationVe'], state: { protectedMode: false } }, ['write']],
  [{ controls: ['mbe'] }, ['user fetch', 'fetch']],
  [{ controls: ['spp', 'mbe'], accessedDirty: true }, ['write']],
  [{ lacks: ['executeOnly', 'twoMPages', 'oneGPages', 'advEptInfo'] }, ['read', 'write', 'fetch']],
  [{ controls: ['spp'], state: { nmiUnblockingIret: true } }, ['write']],
  [{ varies: ['eptp'] }, ['read', 'guest page walk']],
  [{ varies: ['eptp'], lacks: ['eptAdSupported', 'cet', 'fiveLevelWalk'] }, ['read']],
  [{ controls: ['spp'], varies: ['spptp'] }, ['write']],
  [{ controls: ['pml'], accessedDirty: true, varies: ['pmlAddress'] }, ['write']],
  [{ controls: ['spp', 'eptViolationVe'], varies: ['veInfoAddress'] }, ['write']],
];

/** Every other width, under the accesses that read most. */
const widths = otherWidths.map((width): Chosen => [{ controls: ['spp'], width }, ['read', 'write']]);

const settingsOfChoices = (chosen: readonly Chosen[]): readonly (readonly Setting[])[] =>
  chosen.map(([choice, names]) => settingsOf(choice, names));

/** The settings that `proveEveryWord` goes through. */
export const defaultSettings = (): readonly Setting[] => settingsOfChoices([...choices, ...widths]).flat();

/** Every access on every processor of one width: all controls, flags, shadow stacks and levels. */
export function* everySetting(width: number): Generator<Setting, void, undefined> {
  const names = ['spp', 'mbe', 'eptViolationVe', 'pml'] as const;
  for (let chosen = 0; chosen < 2 ** names.length; chosen++) {
    const controls = names.filter((_, at) => Math.floor(chosen / 2 ** at) % 2 === 1);
    for (const accessedDirty of [false, true])
      for (const supervisorShadowStack of [false, true])
        for (const levels of [4, 5] as const)
          yield* settingsOf({ controls, accessedDirty, supervisorShadowStack, levels, width });
  }
}

/**
 * The same settings in another order, in which what tells two walks apart comes early: what is asked most of SPP,
 * then one access of every processor before the next.
 */
export function settingsInTurn(): readonly Setting[] {
  const first = settingsOf({ controls: ['spp'] }, [
    'read',
    'write',
    'write across sub-pages 5 and 6',
    'fetch',
  ]);
  const rows = settingsOfChoices(choices);
  const longest = Math.max(...rows.map(({ length }) => length));
  const inTurn = Array.from({ length: longest }, (_, at) => rows.flatMap(row => row[at] ?? [])).flat();
  const all = [...first, ...inTurn, ...settingsOfChoices(widths).flat()];
  return [...new Map(all.map(setting => [setting.name, setting])).values()];
}

/** Holds every sentence and both machines for every content of every word, one setting after another. */
export function* proveEveryWord(
  settings: readonly Setting[] = defaultSettings(),
  rules: WalkRules = normative,
): Generator<Held, void, undefined> {
  for (const setting of settings) yield holdSetting(setting, rules);
}
