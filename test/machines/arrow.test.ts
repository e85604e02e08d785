import { describe, expect, test } from 'vitest';
import { transition } from 'xstate';
import { arrowOf, initialState, machines, pageOwnership, vmLifecycle } from '../../machines/index.ts';

/** Every state that the machine's own events reach, by xstate alone. */
function snapshotsOf({ machine, events, input }: (typeof machines)[number]) {
  const { state } = initialState(machine, input);
  const found = [machine.resolveState(state)];
  const keys = new Set(found.map(({ value, context }) => JSON.stringify([value, context])));
  for (const from of found) {
    for (const event of events) {
      if (!from.can(event)) continue;
      const [next] = transition(machine, from, event);
      const key = JSON.stringify([next.value, next.context]);
      if (keys.has(key)) continue;
      keys.add(key);
      found.push(machine.resolveState({ value: next.value, context: next.context }));
    }
  }
  return found;
}

describe.each(machines)('the arrows of $name', entry => {
  test('lead where xstate leads, from every reachable state on every event, asked once and again', () => {
    const arrow = arrowOf(entry.machine);
    for (const from of snapshotsOf(entry)) {
      for (const event of entry.events) {
        const [next] = transition(entry.machine, from, event);
        for (const taken of [arrow(from, event), arrow(from, event)]) {
          if ('refused' in taken) expect(from.can(event)).toBe(false);
          else
            expect(taken).toMatchObject({
              to: { value: next.value, context: next.context },
              isFinal: next.status === 'done',
            });
        }
      }
    }
  });
});

test('an arrow says which guard kept it, or that there is none', () => {
  const life = arrowOf(vmLifecycle);
  const from = { value: 'absent', context: {} } as const;
  expect(life(from, { type: 'init_shadow_vm', ownsPage: false })).toEqual({ refused: 'by guard' });
  expect(life(from, { type: 'vcpu_run' })).toEqual({ refused: 'no arrow' });
});

test('an arrow brings what the drawing says of it', () => {
  const taken = arrowOf(pageOwnership)(
    { value: 'init', context: { guest: null } },
    { type: 'host_donate_hyp' },
  );
  expect(taken).toMatchObject({ to: { value: 'donated_to_hyp' } });
  expect('meta' in taken && String(taken.meta['source'])).toContain('host also need donate pages');
});
