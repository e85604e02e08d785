export {
  type ByteSource,
  bytesOf,
  combineDumps,
  type Dump,
  type DumpFormat,
  type DumpRefusal,
  type DumpResult,
  fetchCommand,
  linesOf,
  readDump,
} from './dumps/index.ts';
export { type LogLine, readLogLine } from './logs/read-log.ts';
