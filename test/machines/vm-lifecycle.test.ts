import { expect, test } from 'vitest';
import { type LifeEvent, vmLifecycle } from '../../machines/index.ts';

/** Every event, with its guard's question answered both ways where it has one. */
const events: readonly LifeEvent[] = [
  { type: 'init_shadow_vm', ownsPage: true },
  { type: 'init_shadow_vm', ownsPage: false },
  { type: 'prepopulate' },
  { type: 'vcpu_run' },
  { type: 'vcpu_exit' },
  { type: 'teardown_shadow_vm', isRunning: false },
  { type: 'teardown_shadow_vm', isRunning: true },
  { type: 'teardown_guest_page' },
  { type: 'finish_teardown', tableIsEmpty: true },
  { type: 'finish_teardown', tableIsEmpty: false },
];

test('the life of a VM has these arrows and no others, and every guard decides one', () => {
  const states = ['absent', 'created', 'started', 'dying'] as const;
  const arrows = states.flatMap(value =>
    events.flatMap(event => {
      const { type, ...asked } = event;
      const snapshot = vmLifecycle.resolveState({ value });
      if (!snapshot.can(event)) return [];
      const answers = Object.entries(asked).map(([name, answer]) => ` ${name}=${answer}`);
      const target = vmLifecycle.getTransitionData(snapshot, event)[0]?.target?.[0]?.key ?? value;
      return [`${value} --> ${target} : ${type}${answers.join('')}`];
    }),
  );
  expect(arrows).toEqual([
    'absent --> created : init_shadow_vm ownsPage=true',
    'created --> created : prepopulate',
    'created --> started : vcpu_run',
    'created --> dying : teardown_shadow_vm isRunning=false',
    'started --> started : vcpu_run',
    'started --> started : vcpu_exit',
    'started --> dying : teardown_shadow_vm isRunning=false',
    'dying --> dying : teardown_guest_page',
    'dying --> absent : finish_teardown tableIsEmpty=true',
  ]);
});
