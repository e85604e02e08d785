import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesOf, readDump } from '../../evidence/dumps/index.ts';
import { readJson } from '../../evidence/json-text.ts';
import { PacketReader } from '../../evidence/live/index.ts';
import { readPaste } from '../../evidence/paste/index.ts';
import { conclude } from '../../oracle/conclusions/index.ts';
import { implementationSchema, normative } from '../../oracle/implementations/index.ts';
import { Session } from '../../oracle/protocol/session.ts';
import { checkTrace } from '../../oracle/trace/index.ts';
import { linesOf } from './logs.ts';

/** Something that reads what comes from outside: whatever it is given it answers, and never throws. */
export interface Target {
  readonly name: string;
  /** What it is given undamaged: what is in the tests' folder of samples. */
  readonly samples: readonly string[];
  read(text: string): void;
}

const samplesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(({ name }) => readFileSync(join(folder, name), 'latin1'))
    .filter(text => text.length < 20_000);

/** Every reader and every protocol, by what it is given. @param golden the folder `test/golden` */
export function targetsOf(golden: string): readonly Target[] {
  const of = (...folders: readonly string[]): readonly string[] =>
    folders.flatMap(folder => samplesIn(join(golden, folder)));
  const requests = of('damaged').filter(text => text.startsWith('{'));
  return [
    {
      name: 'dumps of memory',
      samples: of('dumps'),
      read: text => void readDump(bytesOf(Buffer.from(text, 'latin1')), 0n),
    },
    {
      name: 'what people paste',
      samples: of('pastes', 'damaged'),
      read: text => void conclude(readPaste(text.split('\n')).facts, { maxPhysicalAddressWidth: 52 }),
    },
    {
      name: 'logs and traces',
      samples: of('logs', 'damaged', 'pastes'),
      read: text => void checkTrace(linesOf(text), { implementation: normative }),
    },
    {
      name: 'the session of the oracle',
      samples: requests,
      read: text => {
        const session = new Session(normative);
        for (const line of text.split('\n')) session.answerLine(line);
      },
    },
    {
      name: 'packets of GDB',
      samples: [
        '+$OK#9a$m1000,8#8b$0* #7a',
        '$T05thread:01;#07%Stop:T05#00',
        '$E01#a6-+$qSupported:a+;b-#12',
      ],
      read: text => void new PacketReader().push(text),
    },
    {
      name: 'implementations',
      samples: [JSON.stringify(normative)],
      read: text => {
        const json = readJson(text);
        if (json.ok) implementationSchema.safeParse(json.value);
      },
    },
  ];
}
