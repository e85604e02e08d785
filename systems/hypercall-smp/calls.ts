import type { Value } from '../../checker/index.ts';
import { type OperationName, operations, operationNames } from '../../model/pkvm/index.ts';
import type { Places } from '../pages/places.ts';
import type { SmpSize } from './size.ts';

/**
 * What a CPU can be in the middle of: one of the eight operations; `refill_memcache`, which donates the page that a
 * list in the host's memory names and keeps it for tables; `drain_memcache`, which gives it back; and
 * `test_clear_young_guest`, which takes a guest's lock alone and changes no state. facts/pkvm.md 1.2; 5, B21.
 */
export type CallName = OperationName | 'refill_memcache' | 'drain_memcache' | 'test_clear_young_guest';

/** One call with its arguments. */
export interface SmpCall {
  readonly index: number;
  readonly name: CallName;
  /** The operation whose checks and writes it makes; none for `test_clear_young_guest`. */
  readonly operation: OperationName | undefined;
  readonly hpa: bigint;
  readonly vm: number;
  readonly gpa: bigint;
  readonly args: Readonly<Record<string, Value>>;
}

type Draft = Omit<SmpCall, 'index'>;

const operationOf = (name: CallName): OperationName | undefined => {
  if (name === 'refill_memcache') return 'host_donate_hyp';
  if (name === 'drain_memcache') return 'hyp_donate_host';
  return name === 'test_clear_young_guest' ? undefined : name;
};

const draft = (name: CallName, args: { hpa?: bigint; vm?: number; gpa?: bigint }): Draft => ({
  name,
  operation: operationOf(name),
  hpa: args.hpa ?? 0n,
  vm: args.vm ?? 0,
  gpa: args.gpa ?? 0n,
  args,
});

/** The guests that an operation is for: donation and the guests' own calls protected ones, sharing by the host normal. */
const kindFor = (name: OperationName): 'protected' | 'normal' =>
  name === 'host_share_guest' || name === 'host_unshare_guest' ? 'normal' : 'protected';

function callsOf(name: OperationName, { pages, gpas, vms }: Places): Draft[] {
  const guests = vms.filter(({ kind }) => kind === kindFor(name));
  switch (operations[name].names) {
    case 'hpa':
      return pages.map(hpa => draft(name, { hpa }));
    case 'gpa':
      return guests.flatMap(({ id }) => gpas.map(gpa => draft(name, { vm: id, gpa })));
    case 'hpa and gpa':
      return guests.flatMap(({ id }) =>
        gpas.flatMap(gpa => pages.map(hpa => draft(name, { vm: id, gpa, hpa }))),
      );
  }
}

/** Every call that a CPU can make. With a memcache, the hypervisor's pages come and go through it alone. */
export function smpCalls(places: Places, { memcache }: SmpSize): readonly SmpCall[] {
  const isReplaced = (name: OperationName): boolean =>
    memcache && (name === 'host_donate_hyp' || name === 'hyp_donate_host');
  const drafts: Draft[] = [
    ...operationNames.filter(name => !isReplaced(name)).flatMap(name => callsOf(name, places)),
    ...(memcache ? [draft('refill_memcache', {}), draft('drain_memcache', {})] : []),
    ...places.vms
      .filter(({ kind }) => kind === 'normal')
      .flatMap(({ id }) => places.gpas.map(gpa => draft('test_clear_young_guest', { vm: id, gpa }))),
  ];
  return drafts.map((one, index) => ({ ...one, index }));
}
