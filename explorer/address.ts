/**
 * Every view is in the page's address, behind the `#`: a link reopens it. A path is its actions' numbers, in the order
 * in which the system lists them, so that links outlive a rebuild.
 */

export const panels = ['protocol', 'around', 'properties'] as const;
export type Panel = (typeof panels)[number];

export interface ExploreAddress {
  readonly view: 'explore';
  /** Left out: the first system, its first profile. */
  readonly system?: string;
  readonly profile?: string;
  /** What of the profile's size is otherwise: `pages=2,gpas=own`. */
  readonly set?: string;
  readonly mutant?: string;
  /** The actions taken, and behind `at` those undone. */
  readonly path: readonly number[];
  readonly at: number;
  readonly panel: Panel;
  /** The slot whose word is open. */
  readonly slot?: string;
  /** What the list of calls is narrowed to. */
  readonly actor?: string;
  readonly operation?: string;
}

export interface WalkAddress {
  readonly view: 'walk';
  /** The walk's input as one line of the form; the first example where left out. */
  readonly input?: string;
  /** The example or file that it came from. */
  readonly example?: string;
}

export type Address = ExploreAddress | WalkAddress;

export const start: ExploreAddress = { view: 'explore', path: [], at: 0, panel: 'protocol' };

const present = <T extends string>(key: T, value: string | null): Partial<Record<T, string>> =>
  value === null || value === '' ? {} : ({ [key]: value } as Partial<Record<T, string>>);

function parsePath(text: string | null): number[] {
  const numbers = (text ?? '').split('.').filter(part => part !== '');
  return numbers.every(part => /^\d{1,6}$/.test(part)) ? numbers.map(Number) : [];
}

/** The address that a fragment names; what it does not say or says badly is as at the start. */
export function parseAddress(fragment: string): Address {
  const [name = '', query = ''] = fragment.replace(/^#\/?/, '').split('?');
  const given = new URLSearchParams(query);
  if (name === 'walk') {
    return {
      view: 'walk',
      ...present('input', given.get('input')),
      ...present('example', given.get('example')),
    };
  }
  const path = parsePath(given.get('path'));
  const at = Number(given.get('at') ?? path.length);
  const panel = panels.find(known => known === given.get('panel')) ?? 'protocol';
  return {
    view: 'explore',
    ...present('system', given.get('system')),
    ...present('profile', given.get('profile')),
    ...present('set', given.get('set')),
    ...present('mutant', given.get('mutant')),
    path,
    at: Number.isInteger(at) && at >= 0 && at <= path.length ? at : path.length,
    panel,
    ...present('slot', given.get('slot')),
    ...present('actor', given.get('actor')),
    ...present('operation', given.get('operation')),
  };
}

/** The fragment that names a view, as short as it can be. */
export function formatAddress(address: Address): string {
  const query = new URLSearchParams();
  const set = (key: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') query.set(key, value);
  };
  if (address.view === 'walk') {
    set('example', address.example);
    set('input', address.input);
  } else {
    set('system', address.system);
    set('profile', address.profile);
    set('set', address.set);
    set('mutant', address.mutant);
    set('path', address.path.join('.'));
    set('at', address.at === address.path.length ? undefined : String(address.at));
    set('panel', address.panel === start.panel ? undefined : address.panel);
    set('slot', address.slot);
    set('actor', address.actor);
    set('operation', address.operation);
  }
  const text = query.toString();
  return `#/${address.view}${text === '' ? '' : `?${text}`}`;
}
