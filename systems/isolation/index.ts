import type { Action, Property } from '../../checker/index.ts';
import { withFaults } from '../../model/fault.ts';
import { accessProperties, reachProperties } from '../../properties/isolation.ts';
import { premises } from '../../properties/isolation-premises.ts';
import { claimProperties, namedPagesOnly } from '../../properties/ownership-claims.ts';
import { lifeProperties } from '../../properties/vm-life.ts';
import { type Ids, system, type SystemParts } from '../define.ts';
import { accessActions } from './accesses.ts';
import { guestEntries, runEntries } from './guest-entries.ts';
import { guestViolations, hostEntries } from './host-entries.ts';
import { lifecycleEntries } from './lifecycle-entries.ts';
import { earlyCode, isolationMutants } from './mutants.ts';
import { type Entry, entryAction } from './perform.ts';
import { dmaEntries } from './pins.ts';
import { isolationProfiles } from './profiles.ts';
import { type IsolationRules, specified } from './rules.ts';
import { type IsolationSize, isolationSizeOf, parameters, refuse, sorts } from './size.ts';
import { isolationSorts } from './sorts.ts';
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

/** The system of a size, by these rules. */
function isolationSystem(size: IsolationSize, rules: IsolationRules, ids: Ids): SystemParts {
  const world = worldOf(size, rules, ids);
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
    ...(size.isRegion ? {} : { sorts: isolationSorts(world) }),
  };
}

export const isolation = system({
  name: 'isolation',
  about: 'who can reach what: tables, cached translations, devices, contents, and the life of VMs',
  size: parameters,
  refuse,
  profiles: isolationProfiles,
  faults: isolationMutants,
  faultProfile: 'cache',
  sorts,
  build: (chosen, faults, ids) => {
    const early = chosen.code === 'early' ? earlyCode : [];
    return isolationSystem(isolationSizeOf(chosen), withFaults(specified, [...early, ...faults]), ids);
  },
});
