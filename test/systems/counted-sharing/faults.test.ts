import { describe, expect, test } from 'vitest';
import { type Exploration, explore } from '../../../checker/index.ts';
import { countedSharing } from '../../../systems/counted-sharing/index.ts';
import { profileOf } from '../../../systems/index.ts';

const held =
  'the hypervisor holds as many shares of a page as are counted, and the pages that it was given';
const believed = 'a guest takes a page for its own exactly where the host does not map it';

/** What the words, without the protocol beside them, violate first: sentence and length of the shortest attack. */
const killedBy: Readonly<Record<string, string>> = {
  B27: 'J7:1',
  B30: 'J8:1',
  B32: 'J7:3',
  B33: 'J9:1',
  B34: 'I8:2',
  B38: 'J7:2',
  B40: `${held}:1`,
  B43: `${held}:2 J7:3`,
  B49: `${believed}:3`,
  B50: 'J9:4',
  B51: 'J9:3 I18:3',
  B53: 'J5:3 I8:3 J7:4',
  B54: 'J9:2 I18:2',
  B55: 'J9:1',
  B56: 'J7:3',
  B57: 'J9:3',
  B59: 'J5:2',
  B60: 'J7:2',
  B61: 'I11:2 J7:3',
  B62: 'J7:1',
  'shared with both': `J1:2 J2:2 I15:2 ${held}:2 J7:3`,
  'given back by anybody': 'J7:1',
  'read-only not taken back': 'J7:2',
  'read-only written': 'J2:1 I7:1',
  'not wiped': 'I9:3',
  'not uncounted at the end': 'J3:2',
  'unshared and still mapped': 'J2:4 I9:4',
  'host not flushed': 'I8:4',
  'donated and not flushed': 'I8:2',
};

const violatedIn = ({ properties }: Exploration): string =>
  properties
    .flatMap(({ property, ...outcome }) =>
      outcome.verdict === 'violated'
        ? [`${property.id ?? property.name}:${outcome.trace.steps.length}`]
        : [],
    )
    .join(' ');

const faultsNamed = (isMeant: (name: string) => boolean) =>
  countedSharing.mutants.filter(({ name }) => isMeant(name));

test.each(faultsNamed(name => name in killedBy))('$name: $about', async fault => {
  const built = countedSharing.build(profileOf(countedSharing, fault).parameters, fault.name);
  const { twin, ...words } = built;
  expect(twin).toBeDefined();
  expect(violatedIn(await explore(words, { stopAtViolation: true }))).toBe(killedBy[fault.name]);
});

/** What the leaf does not say, the records of the pages that it maps do, and the owner where the state does not. */
const redundant = [
  'host_unshare_guest without leaf.state',
  'guest_share_host without leaf.state',
  'guest_unshare_host without leaf.state',
  'host_use_dma without page.state',
];

test.each(faultsNamed(name => !(name in killedBy)))(
  '$name: noticed, unless another check asks the same',
  async fault => {
    const built = countedSharing.build(profileOf(countedSharing, fault).parameters, fault.name);
    const { result } = await explore(built, { stopAtViolation: true });
    expect(result).toBe(redundant.includes(fault.name) ? 'pass' : 'fail');
  },
);

describe('the newest x86 code as built', () => {
  const found = (profile: string): Promise<Exploration> => {
    const parameters = countedSharing.profiles.find(({ name }) => name === profile)?.parameters;
    return explore(countedSharing.build({ ...parameters, revision: 'x86-2026' }));
  };
  const attackOn = ({ properties }: Exploration, words: string): string | undefined => {
    const outcome = properties.find(({ property }) => property.name.includes(words));
    return outcome?.verdict !== 'violated'
      ? undefined
      : outcome.trace.steps.map(({ action, result }) => `${action.name} ${result}`).join(', ');
  };

  test('B54, B55 and B56 come out by exploration, with the shortest attacks', async () => {
    const short = await found('short');
    expect(attackOn(short, 'a refused host_donate_guest changes nothing')).toBe(
      'vm_finalize done, host_donate_guest -12',
    );
    expect(attackOn(short, 'a refused host_share_guest changes nothing')).toBe('host_share_guest -12');
    expect(attackOn(short, 'no call ends in a panic')).toBe(
      'host_use_dma 0, host_use_dma 0, host_use_dma BUG',
    );
    expect(attackOn(short, 'a refused call of any other kind')).toBeUndefined();
  });

  test('B57 comes out by exploration: an unshare that stops half way', async () => {
    expect(attackOn(await found('block'), 'a refused host_unshare_guest changes nothing')).toBe(
      'host_share_guest 0, host_share_guest 0, host_unshare_guest -12',
    );
  });
});
