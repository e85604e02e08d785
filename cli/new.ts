import { existsSync, writeFileSync } from 'node:fs';
import { Command } from 'commander';
import { CommandError, Exit } from './exit.ts';
import { exampleSystem, exampleTest } from './own-system/example.ts';

const usage = (message: string): CommandError => new CommandError(Exit.usage, message);

/** Writes a new file, and never over one that is there. */
function writeNew(file: string, text: string): void {
  if (existsSync(file)) throw usage(`${file} is there already; nothing is overwritten`);
  writeFileSync(file, text);
  console.log(`${file} written`);
}

const systemCommand = (): Command =>
  new Command('system')
    .description(
      'write NAME.ts, a small system with comments to start from, and NAME.test.mjs, a test of it',
    )
    .argument('<name>', 'letters, digits and dashes')
    .action((name: string) => {
      if (!/^[a-z][a-z0-9-]*$/.test(name))
        throw usage(`new system ${name}: expected small letters, digits and dashes, a letter first`);
      const [file, test] = [`${name}.ts`, `${name}.test.mjs`];
      if (existsSync(test)) throw usage(`${test} is there already; nothing is overwritten`);
      writeNew(file, exampleSystem(name));
      writeNew(test, exampleTest(name));
      console.log(`next: pagewarden check ./${file}; pagewarden mutants ./${file}; node --test ${test}`);
    });

/** The command `new`. */
export const newCommand = (): Command =>
  new Command('new').description('start a system of your own').addCommand(systemCommand());
