import { describe, expect, test } from 'vitest';
import { passagesOf } from '../../cli/why/passage.ts';
import { everyRule } from '../../oracle/step/index.ts';
import { loadSystems } from '../../systems/registry.ts';
import { pagewarden } from './run.ts';

/** What has its text in the house: the seeds, the facts and the design. */
const isHere = (source: string): boolean => /^(?:seed \d|facts\/|design\.md|guarded-page\.md)/.test(source);

describe('why', () => {
  test('finds the words of every sentence, fault and rule whose source is in the house', async () => {
    const families = await loadSystems();
    const cited = families.flatMap(family => [
      ...family.build(family.profiles[0]?.parameters ?? {}).properties,
      ...family.mutants,
    ]);
    const sources = new Set([...cited, ...everyRule()].map(({ source }) => source));
    const here = [...sources].filter(isHere);
    expect(here.length).toBeGreaterThan(150);
    expect(here.filter(source => passagesOf(source).length === 0)).toEqual([]);
  });

  test('quotes a seed around the words, with file and line', () => {
    const [passage] = passagesOf('seed 004, "its page state is marked as PKVM_NOPAGE"');
    expect(passage?.place).toMatch(/^docs\/seeds\/004_\w+\.txt:1$/);
    expect(passage?.lines.join(' ')).toMatch(/^… .* its page state is marked as PKVM_NOPAGE .* …$/);
  });

  test('prints what reports cite, and advises where nothing is called that', async () => {
    const { code, stdout } = await pagewarden('why', 'donate.request.hyp.state');
    expect([code, stdout]).toEqual([0, expect.stringContaining('a rule of the oracle')]);
    const unknown = await pagewarden('why', 'donate.request.hip.state');
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      expect.stringContaining('did you mean donate.request.hyp.state?'),
    ]);
  });
});
