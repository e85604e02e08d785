import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError, Exit } from '../exit.ts';

/** The modules of their own that the command was given. What fails in one of them is not our fault. */
export const ownFiles = new Set<string>();

/** A place in a stack: `file:///…/my-system.ts:12:5`, or the same as a path. */
const frame = /(?:\(|\s)(file:\/\/[^\s():]+|\/[^\s():]+):(\d+):(\d+)/g;

const pathOf = (place: string): string => (place.startsWith('file:') ? fileURLToPath(place) : place);

const ourPackage = resolve(import.meta.dirname, '../../..');

/** Theirs: the module that was named, and whatever it imports from outside of this package. */
const isTheirs = (path: string): boolean =>
  ownFiles.has(path) || !(path.startsWith(ourPackage + sep) || path.includes(`${sep}node_modules${sep}`));

/** The first place in one of their modules that a stack names. */
function placeIn(stack: string): string | undefined {
  for (const [, place = '', line = '', column = ''] of stack.matchAll(frame)) {
    const path = pathOf(place);
    if (isTheirs(path)) return `${relative('', path)}:${line}:${column}`;
  }
  return undefined;
}

/** An error that a person's own system is to blame for, in one line with file and line; `undefined` for any other. */
export function ownFault(error: unknown): CommandError | undefined {
  if (ownFiles.size === 0 || error instanceof CommandError || !(error instanceof Error)) return undefined;
  if (error instanceof SyntaxError || ('code' in error && error.code === 'ERR_MODULE_NOT_FOUND'))
    return new CommandError(Exit.badInput, error.message);
  const place = placeIn(error.stack ?? '');
  return place === undefined
    ? undefined
    : new CommandError(Exit.badInput, `${place}: ${error.name}: ${error.message}`);
}
