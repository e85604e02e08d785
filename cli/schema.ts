import { Command } from 'commander';
import { z } from 'zod';
import { walkVector } from '../oracle/protocol/walk-vector.ts';
import { implementationSchema } from '../oracle/implementations/index.ts';
import { jsonDumpSchema } from '../evidence/dumps/index.ts';
import { leavesSchema } from '../oracle/protocol/leaves.ts';
import { machineSchema } from '../oracle/protocol/machine.ts';
import { countedRequestSchema, requestSchema } from '../oracle/protocol/operations.ts';
import { suiteSchema, systemSuiteSchema } from '../suites/index.ts';
import { CommandError, Exit } from './exit.ts';
import { proofSchema } from './prove/proof-schema.ts';

/** What is validated, by name; the schemas are made from the validators themselves. */
const schemas: Readonly<Record<string, { readonly about: string; readonly schema: z.ZodType }>> = {
  request: { about: 'one line to "oracle serve", and of a canonical trace', schema: requestSchema },
  'counted-request': {
    about: 'the same with an implementation that counts: x86-2026, arm64-mainline',
    schema: countedRequestSchema,
  },
  machine: { about: 'the machine in "hello"', schema: machineSchema },
  leaves: { about: 'leaves that were seen', schema: leavesSchema },
  implementation: { about: 'how an implementation is read', schema: implementationSchema },
  dump: { about: 'physical memory as JSON', schema: jsonDumpSchema },
  vector: { about: 'one line of "walk --jsonl" and of "vectors"', schema: walkVector },
  suite: { about: 'what "suite ownership --format json" writes', schema: suiteSchema },
  proof: { about: 'what "prove --json" prints', schema: proofSchema },
  'system-suite': { about: 'what "suite SYSTEM" writes for any other system', schema: systemSuiteSchema },
};

export const schemaCommand = (): Command =>
  new Command('schema')
    .description('Prints the JSON Schema (draft 2020-12) of what a command reads or writes')
    .argument('[name]', Object.keys(schemas).join(', '))
    .action((name: string | undefined) => {
      if (name === undefined) {
        for (const [known, { about }] of Object.entries(schemas))
          console.log(`${known.padEnd(16)}${about}`);
        return;
      }
      // what "implementation" was called before, for one release
      const found = schemas[name === 'profile' ? 'implementation' : name];
      if (found === undefined)
        throw new CommandError(
          Exit.usage,
          `no schema is called ${name}: there are ${Object.keys(schemas).join(', ')}`,
        );
      console.log(JSON.stringify(z.toJSONSchema(found.schema, { io: 'input' }), undefined, 2));
    });
