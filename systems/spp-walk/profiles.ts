import type { Profile } from '../system.ts';
import type { Theme } from './theme.ts';
import { everyTheme } from './themes/index.ts';

/** @throws RangeError for a theme that does not exist. */
export function themeNamed(name: unknown): Theme {
  const found = everyTheme.find(theme => theme.name === name);
  if (found === undefined) {
    throw new RangeError(
      `theme: one of ${everyTheme.map(theme => theme.name).join(', ')}, not ${String(name)}`,
    );
  }
  return found;
}

/** Some seconds each: the long explorations run them, `npm start` does not. */
const longThemes: readonly string[] = ['ve', 'vectors'];

export const profiles: readonly Profile[] = everyTheme.map(({ name, about }) => ({
  name,
  about,
  // single bits are looked at one by one; everything else in every combination
  parameters: { theme: name, ...(name === 'bits' && { atOnce: 1 }) },
  isDefault: !longThemes.includes(name),
}));
