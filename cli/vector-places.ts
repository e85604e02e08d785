import { type Command, InvalidArgumentError } from 'commander';
import { misplaced, placesFrom, usualPlaces, type VectorPlaces } from '../suites/walk-vectors/places.ts';
import { CommandError, Exit } from './exit.ts';

/** The machine that vectors are fitted to, as commander hands it over. */
export interface PlaceFlags {
  readonly maxphyaddr?: number;
  readonly gpa?: bigint;
  readonly tables?: bigint;
  readonly pages?: VectorPlaces['at']['page'];
}

/** Adds the flags. */
export const withPlaceOptions = (command: Command): Command =>
  command
    .option('--maxphyaddr <bits>', 'physical-address width of the processor', width)
    .option('--gpa <address>', 'the guest-physical address of the page that is accessed', address)
    .option(
      '--tables <address>',
      'where the table pages lie: four of the EPT from here on, four of the SPPT from 0x10000 above',
      address,
    )
    .option('--pages <4K,2M,1G>', 'where the page lies that a leaf of each size maps', pages);

/** The places that the flags name; what is not named is as usual. */
export function placesFromFlags(flags: PlaceFlags, usual: VectorPlaces = usualPlaces): VectorPlaces {
  const page = flags.pages ?? usual.at.page;
  const places: VectorPlaces = {
    maxphyaddr: flags.maxphyaddr ?? usual.maxphyaddr,
    gpa: flags.gpa ?? usual.gpa,
    at: flags.tables === undefined ? { ...usual.at, page } : placesFrom(flags.tables, page),
  };
  const problem = misplaced(places);
  if (problem !== undefined) throw new CommandError(Exit.usage, problem);
  return places;
}

function width(text: string): number {
  const bits = Number(text);
  if (/^\d+$/.test(text) && bits >= 32 && bits <= 52) return bits;
  throw new InvalidArgumentError('expected 32 to 52.');
}

function address(text: string): bigint {
  if (/^0x[0-9a-f]{1,16}$/i.test(text)) return BigInt(text);
  throw new InvalidArgumentError('expected a hex number such as 0x210000.');
}

function pages(text: string): VectorPlaces['at']['page'] {
  const [small, large, huge, ...more] = text.split(',').map(address);
  if (small === undefined || large === undefined || huge === undefined || more.length > 0)
    throw new InvalidArgumentError('expected three addresses, such as 0x220000,0x400000,0x0.');
  return { '4K': small, '2M': large, '1G': huge };
}
