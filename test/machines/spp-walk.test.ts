import { expect, test } from 'vitest';
import { sppWalk } from '../../machines/spp-walk.ts';

interface Guarded {
  readonly guard?: unknown;
}
const guardName = ({ guard }: Guarded): string => {
  if (guard === undefined) return 'else';
  if (typeof guard === 'string') return guard;
  // `not('name')` keeps the name among its guards
  return `not ${String((guard as { guards?: readonly unknown[] }).guards?.[0])}`;
};

test('spp-walk is the drawing of seed 001, "How SPP hardware works", with what its text adds', () => {
  const arrows = Object.values(sppWalk.root.states).flatMap(state =>
    [...state.transitions.values()]
      .flat()
      .map(arrow => `${state.key} --> ${arrow.target?.[0]?.key ?? '?'} : ${guardName(arrow)}`),
  );
  expect(arrows).toEqual([
    'EPT_leaf_entry --> EPT_legacy_behavior : not controlAndBit61',
    'EPT_leaf_entry --> ignore_SPP : accumulatedWritable',
    'EPT_leaf_entry --> walk_SPP_L4E : ordinaryWriteToReadable4K',
    'EPT_leaf_entry --> EPT_legacy_behavior : else',
    'walk_SPP_L4E --> sppt_miss : notValid',
    'walk_SPP_L4E --> sppt_misconfig : misconfigured',
    'walk_SPP_L4E --> walk_SPPT_L3E : else',
    'walk_SPPT_L3E --> sppt_miss : notValid',
    'walk_SPPT_L3E --> sppt_misconfig : misconfigured',
    'walk_SPPT_L3E --> walk_SPPT_L2E : else',
    'walk_SPPT_L2E --> sppt_miss : notValid',
    'walk_SPPT_L2E --> sppt_misconfig : misconfigured',
    'walk_SPPT_L2E --> walk_SPPT_L1E : else',
    'walk_SPPT_L1E --> sppt_misconfig : oddBits',
    'walk_SPPT_L1E --> allow : subPageWritable',
    'walk_SPPT_L1E --> disallow : else',
  ]);
});
