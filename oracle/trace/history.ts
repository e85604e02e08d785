import type { Heard } from '../conversation/index.ts';
import type { Implementation } from '../implementations/index.ts';
import type { Machine, NamedCall, OracleEvent, Verdict } from '../step/index.ts';
import { explainImplementations } from './explain-implementations.ts';
import type { Finding } from './findings.ts';
import { reproduce } from './reproduction.ts';

/** At most so many events are kept for a reproduction. */
const maxHistory = 20_000;

/** The calls and events since the machine was described: what leads to a divergence. Forgotten where a log has gaps. */
export class History {
  #calls: NamedCall[] | undefined = [];
  #events: OracleEvent[] | undefined = [];

  restart(): void {
    this.#calls = [];
    this.#events = [];
  }

  add({ event, verdict }: Heard): void {
    if (event === undefined) return;
    if (event.kind === 'gap') this.#calls = this.#events = undefined;
    this.#events?.push(event);
    if (event.kind === 'call') this.#calls?.push({ name: event.name, args: event.args });
    if ((this.#events?.length ?? 0) > maxHistory) this.#calls = this.#events = undefined;
    // After leaves that were seen otherwise the calls so far no longer lead where the implementation is.
    if (verdict?.verdict === 'forbidden' && verdict.resync?.assumed === 'observed') this.#calls = undefined;
  }

  /** The shortest way to the last event, and how it fares under other implementations where that is asked. */
  explain(
    { machine, implementation }: { readonly machine: Machine; readonly implementation: Implementation },
    { event, verdict }: { readonly event: OracleEvent; readonly verdict: Verdict },
    isCompared: boolean,
  ): Partial<Finding> {
    const [outcome] = verdict.allowed;
    const reproduction =
      event.kind === 'call' && outcome !== undefined && this.#calls !== undefined
        ? reproduce(machine, implementation, this.#calls, outcome)
        : undefined;
    const readings =
      isCompared && this.#events !== undefined ? explainImplementations(machine, this.#events) : undefined;
    return {
      ...(reproduction === undefined ? {} : { reproduction }),
      ...(readings === undefined ? {} : { implementations: readings }),
    };
  }
}
