import { Command } from 'commander';
import type { SystemFamily } from '../systems/system.ts';
import { familiesNamed } from './choice.ts';

export const listCommand = (): Command =>
  new Command('list')
    .description('systems with their parameters, profiles, properties (with sources) and mutants')
    .argument('[system...]', 'only these systems')
    .option('--json', 'print one JSON object instead of text')
    .action(async (names: string[], { json }: { json?: boolean }) => {
      const families = await familiesNamed(names);
      if (json === true) console.log(JSON.stringify({ systems: families.map(describe) }, null, 2));
      else console.log(families.map(familyLines).join('\n\n'));
    });

/** The sentences that the system holds, as the first default profile tells them. */
function propertiesOf(
  family: SystemFamily,
): readonly { id?: string; kind: string; name: string; source: string }[] {
  const profile = family.profiles.find(({ name }) => name === family.mutantProfile) ?? family.profiles[0];
  const system = family.build(profile?.parameters ?? {});
  return system.properties.map(({ id, kind, name, source }) => ({
    ...(id === undefined ? {} : { id }),
    kind,
    name,
    source,
  }));
}

function describe(family: SystemFamily): object {
  const { name, about, parameters, profiles, mutants } = family;
  return {
    name,
    about,
    parameters,
    profiles,
    properties: propertiesOf(family),
    mutants: mutants.map(({ name: mutant, about: fault, source, profile }) => ({
      name: mutant,
      about: fault,
      source,
      profile: profile ?? family.mutantProfile,
    })),
  };
}

function familyLines(family: SystemFamily): string {
  const range = ({ min, max, words }: SystemFamily['parameters'][number]): string =>
    [...(max > min ? [`${min}..${max}`] : []), ...(words ?? [])].join('|');
  return [
    `${family.name}: ${family.about}`,
    '  parameters (--set)',
    ...family.parameters.map(
      parameter => `    ${`${parameter.name}=${range(parameter)}`.padEnd(24)} ${parameter.about}`,
    ),
    '  profiles (--profile; * runs by default)',
    ...family.profiles.map(
      ({ name, about, isDefault }) => `  ${isDefault ? '*' : ' '} ${name.padEnd(24)} ${about}`,
    ),
    '  properties',
    ...propertiesOf(family).map(
      ({ id, kind, name, source }) => `    ${kind.padEnd(12)}${(id ?? '').padEnd(5)}${name}  [${source}]`,
    ),
    `  mutants (tried in ${family.mutantProfile} unless they name another profile)`,
    ...family.mutants.map(({ name, about, source }) => `    ${name.padEnd(42)} ${about}  [${source}]`),
  ].join('\n');
}
