import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import type { SystemFamily } from '../../systems/system.ts';
import { CommandError, Exit } from '../exit.ts';
import { ownFault, ownFiles } from './own-fault.ts';

/** What makes a module's default export a system: the least that the commands ask of one. */
const familySchema = z.looseObject({
  name: z.string(),
  about: z.string(),
  parameters: z.array(z.looseObject({ name: z.string(), min: z.number(), max: z.number() })),
  profiles: z.array(z.looseObject({ name: z.string() })).min(1),
  mutants: z.array(z.looseObject({ name: z.string() })),
  mutantProfile: z.string(),
  build: z.custom<SystemFamily['build']>(value => typeof value === 'function'),
});

const isFamily = (value: unknown): value is SystemFamily => familySchema.safeParse(value).success;

const badInput = (message: string): CommandError => new CommandError(Exit.badInput, message);

let isRegistered = false;

/**
 * The system that a module exports by default, under the path that names it: `./my-system.ts`. The module is run, with
 * all the rights of the person who runs it.
 *
 * @throws CommandError for a file that there is not, that fails while it is loaded, or that exports no system.
 */
export async function loadOwnSystem(path: string): Promise<SystemFamily> {
  const file = resolve(path);
  if (!existsSync(file)) throw badInput(`${path}: there is no such file`);
  if (!isRegistered) {
    isRegistered = true;
    process.setSourceMapsEnabled(true);
    register('./hooks.js', import.meta.url);
  }
  ownFiles.add(file);
  const module: unknown = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw ownFault(error) ?? error;
  });
  const family: unknown =
    typeof module === 'object' && module !== null && 'default' in module ? module.default : undefined;
  if (!isFamily(family))
    throw badInput(
      `${path}: expected \`export default system({ … })\` with system from 'pagewarden/systems'`,
    );
  return { ...family, name: path };
}
