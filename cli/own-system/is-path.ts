import { extname } from 'node:path';

/** Whether a name is the path of a module and not the name of a system. */
export const isPath = (name: string): boolean =>
  /^\.{0,2}[/\\]/.test(name) || ['.ts', '.mts', '.js', '.mjs'].includes(extname(name));
