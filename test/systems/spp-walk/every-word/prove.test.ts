import { expect, test } from 'vitest';
import { defaultSettings, proveEveryWord } from '../../../../systems/spp-walk/every-word/prove.ts';

test('the settings are told apart by their names, and every access and every width is among them', () => {
  const settings = defaultSettings();
  expect(settings).toHaveLength(124);
  expect(new Set(settings.map(({ name }) => name)).size).toBe(124);
  expect(new Set(settings.map(({ choice }) => choice.name)).size).toBe(17);
  expect(new Set(settings.map(({ cpu }) => cpu.maxPhysicalAddressWidth)).size).toBe(17);
});

test('settings are proven one after another', () => {
  const [read, fetch] = defaultSettings().filter(({ name }) => /^(read|fetch): no control/.test(name));
  if (read === undefined || fetch === undefined) throw new Error('no such settings');
  expect([...proveEveryWord([read, fetch])].map(({ covered, broken }) => [covered.paths, broken])).toEqual([
    [274, []],
    [296, []],
  ]);
});
