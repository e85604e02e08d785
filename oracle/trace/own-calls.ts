import type { OwnLine } from '../../evidence/logs/own-line.ts';
import type { Conversation } from '../conversation/index.ts';
import {
  type CallEvent,
  type NamedCall,
  type ObserveEvent,
  type OracleEvent,
  verdictOf,
} from '../step/index.ts';
import { ordersOf, type Span } from './overlap.ts';

/** Where an event stands in a log. */
export interface Place {
  readonly line: number;
  readonly text: string;
}

interface Pending {
  readonly begin: number;
  readonly named: NamedCall;
}

interface PlacedSpan extends Span {
  readonly place: Place;
}

/**
 * Our own lines of a log as events. A call that is logged when it ends is one event. Calls that are logged at both ends
 * may overlap: what happens while one has begun and not ended waits, and is judged in an order that explains it.
 */
export class OwnCalls {
  readonly #conversation: Conversation;
  readonly #at: (place: Place) => void;
  readonly #pending = new Map<number, Pending>();
  #waiting: PlacedSpan[] = [];

  /** `at` hears which place of the log the next verdicts are about. */
  constructor(conversation: Conversation, at: (place: Place) => void) {
    this.#conversation = conversation;
    this.#at = at;
  }

  /** Takes one line; a sentence where it makes no sense here. */
  take(own: OwnLine, place: Place): string | undefined {
    if (own.kind === 'hello') {
      this.#drop();
      const { ram, vms, hypervisor } = own;
      this.#conversation.begin({
        ram: ram.length === 0 ? 'any' : ram,
        vms: vms.length === 0 ? 'any' : vms,
        initially: 'host owns all RAM',
        ...(hypervisor === undefined ? {} : { hypervisor }),
      });
      return undefined;
    }
    this.#at(place);
    if (own.seq !== undefined && this.#conversation.notice(own.seq)) this.#drop();
    if (own.kind === 'end') return this.#end(own.call, own.ret, place);
    if (own.kind === 'call' && own.call !== undefined) return this.#begin(own.call, own, place);
    this.#event(eventOf(own), place.line, place);
    return undefined;
  }

  /** Events are missing: the calls that have begun may have ended. */
  gap(event: OracleEvent): void {
    this.#drop();
    this.#conversation.judge(event);
  }

  /** The log is over: a call that has not ended may have been done or not. */
  finish(): void {
    this.#drop();
  }

  #begin(call: number, { name, args }: NamedCall, { line }: Place): string | undefined {
    if (this.#pending.has(call)) return `call ${call} has begun already`;
    if (this.#pending.size >= maxPending) return `more than ${maxPending} calls have begun and not ended`;
    this.#pending.set(call, { begin: line, named: { name, args } });
    return undefined;
  }

  #end(call: number, ret: number, place: Place): string | undefined {
    const pending = this.#pending.get(call);
    if (pending === undefined) return `no call ${call} has begun`;
    this.#pending.delete(call);
    this.#event({ kind: 'call', ...pending.named, ret }, pending.begin, place);
    return undefined;
  }

  #event(event: CallEvent | ObserveEvent, begin: number, place: Place): void {
    const span = { begin, end: place.line, event, place };
    if (this.#pending.size > 0) {
      this.#waiting.push(span);
      if (this.#waiting.length > maxWaiting) this.#drop();
      return;
    }
    if (this.#waiting.length === 0) this.#conversation.judge(event);
    else this.#settle([...this.#waiting, span]);
  }

  /** Nothing is pending any more: judges what waited. */
  #settle(spans: readonly PlacedSpan[]): void {
    this.#waiting = [];
    const orders = ordersOf(this.#conversation.candidates, spans);
    if (orders.kind === 'limit') return this.#tooMany(spans.length);
    for (const { event, place } of orders.kind === 'found' ? orders.order : spans) {
      this.#at(place);
      this.#conversation.judge(event);
    }
    if (orders.kind === 'found') this.#conversation.restore(orders.after);
  }

  #tooMany(calls: number): void {
    const why = `${calls} calls that overlap could have happened in more orders than are tried`;
    this.#conversation.saw(verdictOf('unknown', 'limit.orders', why));
    this.#conversation.judge({ kind: 'gap', why });
  }

  /** What has begun is not followed to its end: nothing is known after it. */
  #drop(): void {
    const calls = this.#pending.size + this.#waiting.length;
    this.#pending.clear();
    this.#waiting = [];
    if (calls === 0) return;
    const why = `${calls} calls had begun of which the ends, or the orders, are missing`;
    this.#conversation.judge({ kind: 'gap', why });
  }
}

/** At most so many calls may have begun and not ended, one a CPU, and so many events may wait for them. */
const maxPending = 4096;
const maxWaiting = 64;

function eventOf(own: Extract<OwnLine, { kind: 'call' | 'leaf' }>): CallEvent | ObserveEvent {
  if (own.kind === 'leaf') {
    const { table, address, word } = own;
    return { kind: 'observe', leaves: [{ table, address, word }] };
  }
  const { name, args, ret } = own;
  return { kind: 'call', name, args, ...(ret === undefined ? {} : { ret }) };
}
