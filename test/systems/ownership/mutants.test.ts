import { describe, expect, test } from 'vitest';
import { bestKiller, type Trial, tryMutant } from '../../../systems/index.ts';
import { ownership } from '../../../systems/ownership/index.ts';

const trials: Trial[] = [];
for (const mutant of ownership.mutants)
  trials.push(await tryMutant(ownership, mutant, { maxStates: 5000 }));

const named = (verdict: Trial['verdict']): string[] =>
  trials.filter(trial => trial.verdict === verdict).map(({ mutant }) => mutant.name);
const calls = (name: string): string[] => {
  const trial = trials.find(({ mutant }) => mutant.name === name);
  return (trial && bestKiller(trial)?.attack?.steps.map(({ action }) => action.name)) ?? [];
};

test('every mutant is killed or proved to change nothing', () => {
  expect([named('survived'), named('undecided')]).toEqual([[], []]);
});

test('ten checks are redundant as long as all the others are made', () => {
  // One table's word is implied by the other's in every reachable state (I2, I3), so asking one of the two is enough.
  expect(named('equivalent')).toEqual([
    'without donate.request.hyp.state',
    'without donate.request.hyp.owner',
    'without donate.request.guest.state',
    'without donate.acknowledge.host.state',
    'without donate.acknowledge.host.owner',
    'without share.acknowledge.host.state',
    'without share.acknowledge.host.owner',
    'without unshare.request.host.state',
    'without unshare.acknowledge.guest.state',
    'without unshare.acknowledge.host.state',
  ]);
});

test('every property that can be violated is violated by some mutant', () => {
  const parameters =
    ownership.profiles.find(({ name }) => name === ownership.mutantProfile)?.parameters ?? {};
  const killed = new Set(trials.flatMap(({ killers }) => killers.map(({ property }) => property?.name)));
  const unkilled = ownership
    .build(parameters)
    .properties.filter(({ kind, name }) => kind !== 'sometimes' && !killed.has(name));
  expect(unkilled.map(({ name }) => name)).toEqual([]);
});

describe('the shortest attack', () => {
  test('on B2 is to donate a page to a guest and to take it back as the hypervisor', () => {
    expect(calls('B2')).toEqual(['host_donate_guest', 'hyp_donate_host']);
  });
  test('on B3 is to share a page and to unshare half of it', () => {
    expect(calls('B3')).toEqual(['host_donate_guest', 'guest_share_host', 'guest_unshare_host']);
  });
  test('on B8 is to unshare a page at the gpa of another', () => {
    expect(calls('B8')).toEqual(['host_share_guest', 'host_unshare_guest']);
  });
  test('on B24 is to donate to guest 16 and to take the page back as the hypervisor', () => {
    expect(calls('B24')).toEqual(['host_donate_guest', 'hyp_donate_host']);
  });
});
