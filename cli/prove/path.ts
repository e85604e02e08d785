import { endingOfWalk } from '../../systems/spp-walk/every-word/ending.ts';
import { defaultSettings } from '../../systems/spp-walk/every-word/prove.ts';
import { withFields } from '../../systems/spp-walk/every-word/settings.ts';
import { walkPaths } from '../../systems/spp-walk/every-word/walk-paths.ts';
import { normative, whyBits } from '../../model/ept/index.ts';
import { memberOf } from '../../model/memory/index.ts';
import { CommandError, Exit } from '../exit.ts';
import { whyBitsJson, whyBitsLines } from '../walk/why-bits.ts';

/** One path of the proof, by the name that its vector has: `write: SPP; 4 levels; N = 46/12`. */
export function pathExplained(name: string): { readonly lines: readonly string[]; readonly json: object } {
  const cut = name.lastIndexOf('/');
  const [settingName, number] = [name.slice(0, cut), Number(name.slice(cut + 1))];
  const setting = defaultSettings().find(one => one.name === settingName);
  if (setting === undefined)
    throw new CommandError(
      Exit.usage,
      `--path: there is no setting "${settingName}"; prove spp-walk prints them`,
    );
  let at = 0;
  for (const { memory, outcome } of walkPaths(setting)) {
    if (++at !== number) continue;
    const member = memberOf(memory, 'smallest');
    const why = whyBits(member.memory, withFields(setting.cpu, member.named), setting.access, normative);
    const ending = endingOfWalk(outcome);
    return {
      lines: [`path ${number} of ${settingName}: ${ending}`, ...whyBitsLines(why)],
      json: { setting: settingName, path: number, ending, ...whyBitsJson(why) },
    };
  }
  throw new CommandError(
    Exit.usage,
    `--path: "${settingName}" has ${at} paths, not ${name.slice(cut + 1)}`,
  );
}
