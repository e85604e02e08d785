import type { DebugPrint } from '../../evidence/logs/pkvm-debug.ts';
import type { CountedLine, CountedValues } from '../../evidence/logs/counted-line.ts';
import { addressHex } from '../../model/bits/index.ts';
import { type BUG } from '../../model/pkvm/counted/index.ts';
import type { CountedTalk } from '../protocol/counted/talk.ts';
import type { Session } from '../protocol/session.ts';
import { type Interval, ordersWithin } from './intervals.ts';
import type { Place } from './own-calls.ts';

type Request = Readonly<Record<string, unknown>>;
type CallLine = Extract<CountedLine, { kind: 'call' }>;

interface Span extends Interval {
  readonly request: Request;
  readonly place: Place;
}

/** At most so many calls may have begun and not ended, and so many overlapping ones are put into order. */
const maxPending = 4096;
const maxOverlapping = 6;

/** Our own lines of code that counts, as requests: what a log tells is judged as what a client tells. */
export class CountedCalls {
  readonly #session: Session;
  readonly #at: (place: Place) => void;
  readonly #pending = new Map<number, { readonly begin: number; readonly line: CallLine }>();
  #waiting: Span[] = [];

  /** `at` hears which place of the log the next verdicts are about. */
  constructor(session: Session, at: (place: Place) => void) {
    this.#session = session;
    this.#at = at;
  }

  /** Takes one line; a sentence where it makes no sense here. */
  take(own: CountedLine, place: Place): string | undefined {
    this.#at(place);
    if (own.kind === 'hello') {
      this.#drop();
      return this.#ask(helloRequest(own));
    }
    if (own.seq !== undefined && this.#session.counted?.notice(own.seq) === true) this.#drop();
    if (own.kind === 'end') return this.#end(own.call, own.ret, place);
    if (own.kind === 'call' && own.call !== undefined) return this.#begin(own.call, own, place);
    const request = own.kind === 'call' ? this.#callRequest(own, own.ret) : placeRequest(own);
    return this.#event({ begin: place.line, end: place.line, request, place });
  }

  /** What the hypervisor printed of the record of a page. Of calls that are under way it may be the state before or after. */
  sees({ page, state, owner, pins }: DebugPrint): void {
    const { counted } = this.#session;
    if (this.#pending.size > 0 || counted === undefined) return;
    const fields = {
      ...(state === undefined ? {} : { hostState: state }),
      ...(owner === undefined ? {} : { owner }),
      ...(pins === undefined ? {} : { refcount: pins }),
    };
    counted.observe([{ place: { kind: 'record', address: page }, fields }]);
  }

  /** Events are missing: the calls that have begun may have ended. */
  gap(why: string): void {
    this.#pending.clear();
    this.#waiting = [];
    this.#session.counted?.gap(why);
  }

  finish(): void {
    this.#drop();
  }

  #begin(call: number, line: CallLine, { line: begin }: Place): string | undefined {
    if (this.#pending.has(call)) return `call ${call} has begun already`;
    if (this.#pending.size >= maxPending) return `more than ${maxPending} calls have begun and not ended`;
    this.#pending.set(call, { begin, line });
    return undefined;
  }

  #end(call: number, ret: number | typeof BUG, place: Place): string | undefined {
    const pending = this.#pending.get(call);
    if (pending === undefined) return `no call ${call} has begun`;
    this.#pending.delete(call);
    const request = this.#callRequest(pending.line, ret);
    return this.#event({ begin: pending.begin, end: place.line, request, place });
  }

  /** Arguments that a call does not take are printed as 0 and passed over. */
  #callRequest({ name, values }: CallLine, ret: number | typeof BUG | undefined): Request {
    const shape = this.#session.counted?.conversation.model.shapeOf(name);
    const takes = new Set(shape?.takes.map(one => (one === 'pa' ? 'hpa' : String(one))));
    const { prot, memcache, pool, need } = values;
    const number = (key: string, value: bigint | undefined) =>
      value === undefined ? {} : { [key]: Number(value) };
    return {
      op: 'call',
      name,
      ...argumentsIn(values, takes),
      ...(takes.has('writable') && prot !== undefined ? { writable: (prot / 2n) % 2n === 1n } : {}),
      ...number('memcache', memcache),
      ...(takes.has('pfn') ? {} : number('pool', pool)),
      ...number('needMemcache', need),
      ...(ret === undefined ? {} : { ret: shape?.returns === 'nothing' && ret === 0 ? null : ret }),
    };
  }

  #event(span: Span): string | undefined {
    if (this.#pending.size > 0) {
      this.#waiting.push(span);
      if (this.#waiting.length > maxOverlapping) this.#drop();
      return undefined;
    }
    if (this.#waiting.length === 0) return this.#ask(span.request);
    return this.#settle([...this.#waiting, span]);
  }

  /** Calls that overlapped are judged in an order that explains them; where several do that end otherwise, none is. */
  #settle(spans: readonly Span[]): string | undefined {
    this.#waiting = [];
    const talk = this.#session.counted;
    if (talk === undefined) return undefined;
    const ends = new Map<string, readonly Span[]>();
    for (const order of ordersWithin(spans)) {
      const end = this.#tried(talk, order);
      if (end !== undefined && !ends.has(end)) ends.set(end, order);
    }
    const [only, other] = [...ends.values()];
    if (other !== undefined) {
      talk.gap(`${spans.length} calls overlap, and it is not known which came first`);
      return undefined;
    }
    for (const { request, place } of only ?? spans) {
      this.#at(place);
      const wrong = this.#ask(request);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }

  /** How calls in this order end, as a text that tells one end from another; `undefined` where it is forbidden. */
  #tried(talk: CountedTalk, order: readonly Span[]): string | undefined {
    return talk.tried(() => {
      const answers = order.map(({ request }) => this.#session.answer(request));
      const isForbidden = answers.some(({ ok, verdict }) => ok !== true || verdict === 'forbidden');
      return isForbidden ? undefined : talk.conversation.fingerprint();
    });
  }

  #ask(request: Request): string | undefined {
    const { ok, error } = this.#session.answer(request);
    return ok === true ? undefined : messageOf(error);
  }

  /** What has begun is not followed to its end. */
  #drop(): void {
    const calls = this.#pending.size + this.#waiting.length;
    if (calls > 0) this.gap(`${calls} calls had begun of which the ends, or the orders, are missing`);
  }
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : 'no answer';

const flags = new Set(['mkold', 'clear', 'writable']);
const argumentKeys = ['hpa', 'gpa', 'size', 'pfn', 'gfn', 'nr', 'prot', 'phys', 'vm', 'min', ...flags];

function argumentsIn(values: CountedValues, takes: ReadonlySet<string>): Request {
  const given = argumentKeys.flatMap((key): (readonly [string, string | number | boolean])[] => {
    const value = values[key];
    if (value === undefined || !takes.has(key)) return [];
    if (flags.has(key)) return [[key, value !== 0n]];
    return [[key, key === 'vm' || key === 'min' ? Number(value) : addressHex(value)]];
  });
  return Object.fromEntries(given);
}

function placeRequest(own: Extract<CountedLine, { kind: 'leaf' | 'record' }>): Request {
  const { address = 0n, word = 0n, level } = own.values;
  const at = addressHex(address);
  const said = { word: addressHex(word), ...(level === undefined ? {} : { level: Number(level) }) };
  return own.kind === 'record'
    ? { op: 'observe', records: [{ page: at, word: said.word }] }
    : { op: 'observe', leaves: [{ table: own.table, address: at, ...said }] };
}

function helloRequest({ ram, hypervisor, vms }: Extract<CountedLine, { kind: 'hello' }>): Request {
  const ranges = (given: typeof ram) => given.map(({ start, end }) => [addressHex(start), addressHex(end)]);
  return {
    op: 'hello',
    ...(ram.length === 0 ? {} : { ram: ranges(ram) }),
    ...(hypervisor === undefined ? {} : { hypervisor: ranges(hypervisor) }),
    ...(vms.length === 0
      ? {}
      : { vms: vms.map(({ id, kind }) => ({ id, kind: kind === 'unspecified' ? 'any' : kind })) }),
  };
}
