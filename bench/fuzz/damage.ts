/** A number in [0, 1), the same for the same seed. */
export type Random = () => number;

const pick = (random: Random, below: number): number => Math.floor(random() * below);

/** What a text is damaged with beside its own characters: what readers split, number and quote by. */
const characters = '0123456789abcdefx=:,-+ \t"{}[]().~\\\0\n\ufeffé';

type Damage = (text: string, random: Random) => string;

const at = (text: string, random: Random): number => pick(random, text.length + 1);
const someCharacter = (random: Random): string => characters.charAt(pick(random, characters.length));
const lines = (text: string): string[] => text.split('\n');

/** Ways in which a text comes damaged. */
export const damages: Readonly<Record<string, Damage>> = {
  'a character changed': (text, random) => {
    const where = at(text, random);
    return text.slice(0, where) + someCharacter(random) + text.slice(where + 1);
  },
  'a character more': (text, random) => {
    const where = at(text, random);
    return text.slice(0, where) + someCharacter(random) + text.slice(where);
  },
  'characters lost': (text, random) => {
    const where = at(text, random);
    return text.slice(0, where) + text.slice(where + 1 + pick(random, 12));
  },
  'cut off': (text, random) => text.slice(0, at(text, random)),
  'a line lost': (text, random) => {
    const all = lines(text);
    all.splice(pick(random, all.length), 1);
    return all.join('\n');
  },
  'a line twice': (text, random) => {
    const all = lines(text);
    const which = pick(random, all.length);
    all.splice(which, 0, all[which] ?? '');
    return all.join('\n');
  },
  'two lines exchanged': (text, random) => {
    const all = lines(text);
    const [one, other] = [pick(random, all.length), pick(random, all.length)];
    [all[one], all[other]] = [all[other] ?? '', all[one] ?? ''];
    return all.join('\n');
  },
  'a piece repeated': (text, random) => {
    const from = at(text, random);
    const piece = text.slice(from, from + 1 + pick(random, 40));
    return text.slice(0, from) + piece.repeat(1 + pick(random, 20)) + text.slice(from);
  },
};

/** Damages a text once to three times. */
export function damaged(text: string, random: Random): string {
  const ways = Object.values(damages);
  let result = text;
  for (let times = 1 + pick(random, 3); times > 0; times--)
    result = (ways[pick(random, ways.length)] ?? ((same: string) => same))(result, random);
  return result;
}
