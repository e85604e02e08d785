import { maxLeafWords } from '../conversation/conversation.ts';
import { maxSnapshots } from '../conversation/snapshots.ts';

/** What one session may take, by the names under which an answer says that a limit was hit. */
export const limits = {
  /** Characters of one line. */
  lineLength: 1_048_576,
  /** Leaf words that differ from the beginning; beyond it nothing is known of any, and a verdict says so. */
  leafWords: maxLeafWords,
  /** Words of memory given with `mem`. */
  memoryWords: 1_048_576,
  /** Snapshots held at a time. */
  snapshots: maxSnapshots,
  /** Ranges of RAM and guests in `hello`. */
  ramRanges: 1024,
  vms: 1024,
} as const;
