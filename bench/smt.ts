import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Obligations } from '../checker/index.ts';
import { type SmtScript, toSmtlib } from '../graphs/smtlib.ts';

/** Solvers that read SMT-LIB, each with the time in seconds that one question may take. */
export const solvers = [
  { name: 'z3', args: (seconds: number) => [`-t:${seconds * 1000}`], forModels: [] },
  {
    name: 'cvc5',
    args: (seconds: number) => ['--incremental', '--enum-inst', `--tlimit-per=${seconds * 1000}`],
    forModels: ['--finite-model-find'],
  },
] as const;
type Solver = (typeof solvers)[number];

/** Whether it is installed. */
export const isThere = ({ name }: Solver): boolean => spawnSync(name, ['--version']).status === 0;

function run(text: string, name: string, args: readonly string[]): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'pagewarden-'));
  try {
    const file = join(folder, 'obligations.smt2');
    writeFileSync(file, text);
    const { stdout } = spawnSync(name, [...args, file], { encoding: 'utf8', maxBuffer: 1 << 26 });
    return stdout.split('\n').filter(line => line !== '');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a solver makes of a proof's obligations. */
export interface SmtAnswer {
  readonly asked: number;
  readonly unsat: number;
  /** Obligations that are false, each with what a model of it breaks. */
  readonly sat: readonly { readonly name: string; readonly broken: readonly string[] }[];
}

/** The flags that are true in what `get-value` printed: `((|pair 1 2| true) …)`. */
export const trueFlags = (lines: readonly string[]): string[] =>
  [...lines.join(' ').matchAll(/\(\|([^|]+)\| true\)/g)].flatMap(([, flag]) => flag ?? []);

function modelOf(script: SmtScript, at: number, { name, forModels, args }: Solver): readonly string[] {
  const options = args(20).filter(option => option !== '--enum-inst' && option !== '--incremental');
  const lines = run(script.alone(at), name, [...options, ...forModels]);
  return trueFlags(lines).flatMap(flag => script.meanings.get(flag) ?? []);
}

/** Asks a solver for all obligations, and for a model of the first that is false. */
export function askSolver(obligations: Obligations, solver: Solver, seconds = 5): SmtAnswer {
  const script = toSmtlib(obligations, 'obligations');
  const answers = run(script.text, solver.name, solver.args(seconds));
  const suspects = answers.flatMap((answer, at) => (answer === 'unsat' ? [] : [at]));
  for (const at of suspects) {
    const broken = modelOf(script, at, solver);
    if (broken.length > 0)
      return {
        asked: script.names.length,
        unsat: answers.filter(answer => answer === 'unsat').length,
        sat: [{ name: script.names[at] ?? '', broken }],
      };
  }
  return {
    asked: script.names.length,
    unsat: answers.filter(answer => answer === 'unsat').length,
    sat: [],
  };
}
