import { type Command, Option } from 'commander';
import {
  type Implementation,
  implementationNamed,
  implementations,
  implementationSchema,
  normative,
} from '../../oracle/implementations/index.ts';
import {
  type CountedImplementation,
  countedImplementationNamed,
  countedImplementations,
} from '../../oracle/counted/index.ts';
import { issueText } from '../../oracle/protocol/issue-text.ts';
import { readJson } from '../../evidence/json-text.ts';
import { CommandError, Exit } from '../exit.ts';
import { textIn } from '../read-file.ts';

export interface ImplementationFlags {
  readonly implementation?: string;
  /** What `--implementation` was called before. */
  readonly profile?: string;
}

/** `--implementation`, and its old name for one release. */
export const withImplementationOption = (command: Command, unless = ''): Command =>
  command
    .option(
      '--implementation <name>',
      `how the implementation is read: a name or a .json file${unless} (default: ${normative.name})`,
    )
    .addOption(new Option('--profile <name>', 'the old name of --implementation').hideHelp());

/** The implementation that the flags name. */
export function implementationOf({
  implementation,
  profile,
}: ImplementationFlags): Implementation | CountedImplementation {
  if (profile !== undefined) {
    if (implementation !== undefined)
      throw new CommandError(Exit.usage, '--profile is the old name of --implementation: give one of them');
    console.error('pagewarden: --profile is now --implementation; the old name goes with the next release');
  }
  return named(implementation ?? profile ?? normative.name);
}

/** One that ships, or a JSON file. */
function named(name: string): Implementation | CountedImplementation {
  const shipped = implementationNamed(name) ?? countedImplementationNamed(name);
  if (shipped !== undefined) return shipped;
  const names = [...implementations, ...countedImplementations].map(known => known.name).join(', ');
  if (!name.endsWith('.json'))
    throw new CommandError(
      Exit.usage,
      `no implementation is called ${name}: there are ${names}, or a .json file`,
    );
  const read = readJson(textIn(name));
  if (!read.ok) throw new CommandError(Exit.badInput, `${name}: ${read.why}`);
  const result = implementationSchema.safeParse(read.value);
  if (!result.success) throw new CommandError(Exit.badInput, `${name}: ${issueText(result.error)}`);
  return result.data;
}

/** The same implementation, with so many unlogged calls allowed between two events. */
export function withSilentSteps(
  implementation: Implementation | CountedImplementation,
  max: number,
): Implementation | CountedImplementation {
  if (max === 0) return implementation;
  if ('machine' in implementation)
    throw new CommandError(Exit.usage, `--silent: ${implementation.name} has no silent calls`);
  const operations: Implementation['silent']['operations'] =
    implementation.silent.operations.length > 0
      ? implementation.silent.operations
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
  return { ...implementation, silent: { max, operations } };
}
