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
  [{ varies: ['eptp'] }, ['read', 'guest page walk']],
  ...otherWidths.map((width): Chosen => [{ controls: ['spp'], width }, ['read', 'write']]),
];

/** The settings that `proveEveryWord` goes through. */
export const defaultSettings = (): readonly Setting[] =>
  choices.flatMap(([choice, names]) => settingsOf(choice, names));

/** Holds every sentence and both machines for every content of every word, one setting after another. */
export function* proveEveryWord(
  settings: readonly Setting[] = defaultSettings(),
): Generator<Held, void, undefined> {
  for (const setting of settings) yield holdSetting(setting);
}
