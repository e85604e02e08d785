import { z } from 'zod';

const counts = z.record(z.string(), z.int().min(0)).describe('by sort, how many members');
const texts = z.array(z.string()).readonly();

const step = z.strictObject({ before: texts, call: z.string(), after: texts, isNew: z.string() });

const sentence = z.strictObject({
  name: z.string(),
  id: z.string().optional(),
  kind: z.enum(['always', 'step', 'sometimes', 'recoverable', 'twin', 'range']),
  label: z
    .enum([
      'every size',
      'every word',
      'this instance',
      'this profile',
      'partial',
      'reached',
      'violated',
      'not proven',
    ])
    .describe('what the verdict is worth'),
  why: z.string().optional().describe('why it is worth no more'),
  counterexample: z
    .strictObject({
      before: texts,
      call: z.string().optional(),
      after: texts.optional(),
      grewBy: z.array(step).readonly(),
    })
    .optional()
    .describe('a case that the candidate allows, and how the candidate came to allow it'),
});

const run = {
  system: z.string(),
  mutant: z.string().optional(),
  sentences: z.array(sentence).readonly(),
  exit: z.int(),
};

const everySize = z.strictObject({
  ...run,
  by: z.literal('local induction'),
  profile: z.string().describe('whose options beside the numbers of members'),
  cutOff: counts.describe('the most members of a sort that any context named'),
  instance: counts.describe('the instance that local steps were taken in'),
  isInterrupted: z.boolean(),
  premises: texts.describe('what the code does otherwise than a proof takes for granted'),
  figures: z.strictObject({
    runs: z.int(),
    contexts: z.int(),
    steps: z.int(),
    passes: z.int(),
    replayed: z.int().describe('local steps that were taken once more with other members'),
    kinds: z.int().describe('kinds of pairs that the candidate allows'),
    excluded: z.int().describe('wider tuples that it excludes'),
    witnesses: z.int(),
  }),
});

const everyWord = z.strictObject({
  ...run,
  by: z.literal('forks'),
  label: z.enum(['every word', 'partial', 'broken']),
  settings: z.array(
    z.strictObject({
      setting: z.string(),
      paths: z.int(),
      words: z.int(),
      seconds: z.number(),
      problem: z.string().optional(),
      broken: z.array(
        z.strictObject({
          what: z.string(),
          why: z.string(),
          memory: z.record(z.string(), z.string()),
          fields: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ),
  paths: z.int(),
  seconds: z.number(),
});

const finite = z.strictObject({
  ...run,
  by: z.literal('exploration'),
  profiles: texts,
  because: z.string().describe('why there is no size to prove it for'),
});

const oneRun = z.discriminatedUnion('by', [everySize, everyWord, finite]);

/** What `prove --json` prints: one system's proof, or those of several. */
export const proofSchema = z.union([oneRun, z.strictObject({ runs: z.array(oneRun), exit: z.int() })]);
export type ProofJson = z.input<typeof oneRun>;
