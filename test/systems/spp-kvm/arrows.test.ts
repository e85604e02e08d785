import { expect, test } from 'vitest';
import { explore } from '../../../checker/index.ts';
import { sppPage } from '../../../machines/index.ts';
import { buildSppKvm } from '../../../systems/spp-kvm/build.ts';
import { sppKvm } from '../../../systems/spp-kvm/index.ts';
import { sppKvmSizeOf } from '../../../systems/spp-kvm/size.ts';

const arrows = Object.values(sppPage.states).flatMap(state =>
  [...state.transitions.values()]
    .flat()
    .flatMap(({ eventType, target }) =>
      (target ?? []).map(to => `${state.key} --> ${to.key} : ${eventType}`),
    ),
);

test('every arrow of the protocol is taken by the words of some profile, and no other', async () => {
  const taken = new Set<string>();
  const small = { vectors: 2, accesses: 1, sections: 0 };
  const sizes = [
    { ...small, vectors: 3, accesses: 2, logging: 1, memslots: 1, mm: 1 },
    { ...small, frames: 2, boundary: 0, range: 1, roots: 1 },
    { ...small, dialect: '2019', vectors: 3 },
    { ...small, dialect: 'v7', vectors: 3 },
  ];
  for (const parameters of sizes) {
    const size = sppKvmSizeOf(sppKvm.sizeOf(parameters));
    const system = buildSppKvm(size, [], ({ from, events, to }) => {
      const [event] = events;
      const isArrow = arrows.includes(`${from} --> ${to} : ${event}`);
      if (event !== undefined && (from !== to || isArrow)) taken.add(`${from} --> ${to} : ${event}`);
    });
    await explore({ name: 'spp-kvm', ...system });
  }
  expect([...taken].sort()).toEqual([...new Set(arrows)].sort());
});
