import { readFileSync } from 'node:fs';
import { type Dialect, dialectNamed, dialects, dialectSchema } from '../../oracle/dialect/index.ts';
import { issueText } from '../../oracle/protocol/parse-request.ts';
import { CommandError, Exit } from '../exit.ts';

/** The profile that `--profile` names: one that ships, or a JSON file. */
export function profileNamed(name: string): Dialect {
  const shipped = dialectNamed(name);
  if (shipped !== undefined) return shipped;
  const names = dialects.map(dialect => dialect.name).join(', ');
  if (!name.endsWith('.json'))
    throw new CommandError(Exit.usage, `no profile is called ${name}: there are ${names}, or a .json file`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(name, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(Exit.badInput, `${name}: ${why}`);
  }
  const result = dialectSchema.safeParse(value);
  if (!result.success) throw new CommandError(Exit.badInput, `${name}: ${issueText(result.error)}`);
  return result.data;
}

/** The same profile, with so many unlogged calls allowed between two events. */
export function withSilentSteps(dialect: Dialect, max: number): Dialect {
  if (max === 0) return dialect;
  const operations: Dialect['silent']['operations'] =
    dialect.silent.operations.length > 0
      ? dialect.silent.operations
      : [
          'host_unshare_guest',
          'host_undonate_guest',
          'host_share_guest',
          'host_donate_guest',
          'host_donate_hyp',
          'hyp_donate_host',
          'guest_share_host',
          'guest_unshare_host',
        ];
  return { ...dialect, silent: { max, operations } };
}
