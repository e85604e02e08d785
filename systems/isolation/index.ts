import type { Action, Property, System } from '../../checker/index.ts';
import { accessProperties, reachProperties } from '../../properties/isolation.ts';
import { premises } from '../../properties/isolation-premises.ts';
import { claimProperties, namedPagesOnly } from '../../properties/ownership-claims.ts';
import { lifeProperties } from '../../properties/vm-life.ts';
import type { Parameters, SystemFamily } from '../system.ts';
import { accessActions } from './accesses.ts';
import { guestEntries, runEntries } from './guest-entries.ts';
import { guestViolations, hostEntries } from './host-entries.ts';
import { lifecycleEntries } from './lifecycle-entries.ts';
import { isolationMutants, rulesOfMutant } from './mutants.ts';
import { type Entry, entryAction } from './perform.ts';
import { dmaEntries } from './pins.ts';
import { isolationProfiles } from './profiles.ts';
import { parameters, sizeOf } from './size.ts';
import { isolationTwin } from './twin.ts';
import { viewOfWorld } from './view.ts';
import { type World, worldOf } from './world.ts';

/** Every call of every entry point, on every CPU. */
function entriesOf(world: World): Entry[] {
  return world.cpus.flatMap(cpu => [
    ...hostEntries(world, cpu),
    ...dmaEntries(world, cpu),
    ...world.vmSlots.flatMap(vm => [
      ...runEntries(world, cpu, vm),
      ...guestViolations(world, cpu, vm),
      ...guestEntries(world, cpu, vm),
      ...(world.size.hasLifecycle ? lifecycleEntries(world, cpu, vm) : []),
    ]),
  ]);
}

function build(given: Parameters, mutant?: string): System {
  const size = sizeOf(given);
  const world = worldOf(size, rulesOfMutant(mutant, given.code === 'early'));
  const calls = entriesOf(world).map(entry => entryAction(world, entry));
  const { accesses, caching } = accessActions(world);
  const view = viewOfWorld(world, new Map(accesses.map(({ action, access }) => [action, access])));
  const properties: Property[] = [
    ...reachProperties(view),
    ...accessProperties(view),
    ...claimProperties(view),
    ...(size.isRegion ? [namedPagesOnly(view)] : []),
    ...lifeProperties(view),
    ...premises(view),
  ];
  const callNames = new Set(calls.map(({ name }) => name));
  const actions: Action[] = [...calls, ...caching, ...accesses.map(({ action }) => action)];
  return {
    name: 'isolation',
    slots: world.slots,
    actions,
    properties,
    ...(size.hasLifecycle
      ? {
          lives: world.vmSlots.map(({ id, state }) => ({
            name: `the life of VM ${id}`,
            state: read => read(state),
          })),
        }
      : {}),
    twin: isolationTwin(world, name => callNames.has(name)),
    isRefusal: result => typeof result === 'number' && result !== 0,
    deadlock: 'stutter',
  };
}

export const isolation: SystemFamily = {
  name: 'isolation',
  about: 'who can reach what: tables, cached translations, devices, contents, and the life of VMs',
  parameters,
  profiles: isolationProfiles,
  mutantProfile: 'cache',
  mutants: isolationMutants,
  build,
};
