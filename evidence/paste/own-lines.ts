import { ownBody } from '../logs/own-line.ts';
import type { LineReader } from './fact.ts';

/** The lines that our snippet prints: they are judged event by event, and tell nothing by themselves. */
export const ownLines: LineReader = {
  name: 'our own line',
  about: 'calls, leaf words and what is said of the machine, as the snippet of ours prints them',
  sample: ['pagewarden: seq=1 host_donate_hyp hpa=0x12345000 size=0x1000 ret=0'],
  read: ({ line }) => (ownBody(line) === undefined ? undefined : []),
};
