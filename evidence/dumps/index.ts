export { type ByteSource, bytesOf, linesOf, maxLineBytes, textsOf } from './byte-source.ts';
export { combineDumps } from './combine.ts';
export {
  type AddressRange,
  type Dump,
  type DumpFormat,
  dumpFormats,
  type DumpRefusal,
  type DumpResult,
} from './dump.ts';
export { fetchCommand } from './fetch-command.ts';
export { jsonDumpSchema } from './json-dump.ts';
export { readDump } from './read-dump.ts';
