import { expect, test } from 'vitest';
import { oracleCalls } from '../../explorer/explore/oracle-calls.ts';
import { sessionOf, takePath } from '../../explorer/session.ts';
import { loadShownSystems } from '../../explorer/systems.ts';
import { requestSchema } from '../../oracle/protocol/operations.ts';

test("every call that can be made is copied as a request that the oracle's schema takes", async () => {
  await loadShownSystems();
  const session = sessionOf({ system: 'ownership', profile: '1p1g1k' });
  if (session === undefined) throw new Error('there is no such session');
  const { system } = session;
  const steps = system.actions.flatMap((_, index) => takePath(system, [index]));
  const lines = oracleCalls(steps).trimEnd().split('\n');
  expect(lines).toHaveLength(system.actions.length);
  expect(steps.filter(({ action }) => action.args.tablePages === 'exhausted').length).toBeGreaterThan(0);
  for (const line of lines) expect(requestSchema.safeParse(JSON.parse(line)).error, line).toBeUndefined();
});
