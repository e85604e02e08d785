import type { Profile } from '../system.ts';
import { everyTheme } from './themes/index.ts';

/** Some seconds each: the long explorations run them, `npm start` does not. */
const longThemes: readonly string[] = ['ve', 'vectors'];

export const profiles: readonly Profile[] = everyTheme.map(({ name, about }) => ({
  name,
  about,
  // single bits are looked at one by one; everything else in every combination
  parameters: { theme: name, ...(name === 'bits' && { atOnce: 1 }) },
  isDefault: !longThemes.includes(name),
}));
