import { ours, type Source } from '../../model/citation.ts';
import { arm64RecordOf } from '../../model/pkvm/counted/arm64/index.ts';
import { BUG, type CountedResult, recordOf } from '../../model/pkvm/counted/index.ts';
import {
  type CallVerdict,
  CountedConversation,
  type CountedImplementation,
  type Place,
} from '../../oracle/counted/index.ts';
import { coverNames, toursOfCover } from '../cover.ts';
import type { Cover, Suite, SuiteLeaf, SuiteTest } from '../suite.ts';
import { type Alphabet, alphabetOf, type SuiteCall } from './alphabet.ts';

/** A call in a state, and what came of it. */
interface Edge {
  readonly from: number;
  readonly to: number;
  readonly call: SuiteCall;
  readonly result: number;
  readonly rule: string;
}

interface Graph {
  /** What stands at every observed place. */
  readonly states: readonly (readonly bigint[])[];
  readonly edges: readonly Edge[];
  /** Calls that would panic, which no suite can make. */
  readonly panics: number;
  readonly rules: ReadonlyMap<string, { readonly says: string; readonly source: Source }>;
}

/** Far more pages than any call takes: what a shortage does is not part of these suites. */
const enough = { memcache: 256, pool: 256 };

const placeOf = ({ table, address }: Pick<SuiteLeaf, 'table' | 'address'>): Place =>
  table === 'record' ? { kind: 'record', address } : { kind: 'leaf', table, address };

/** Returns nothing is 0 for a test: nobody can look at it. */
const numberOf = (result: CountedResult): number => (typeof result === 'number' ? result : 0);

/** Explores the one page of the alphabet with every call in every state, the implementation itself answering. */
class Exploration {
  readonly #conversation: CountedConversation;
  readonly #alphabet: Alphabet;
  readonly #states: bigint[][] = [];
  readonly #ways: (readonly SuiteCall[])[] = [];
  readonly #known = new Map<string, number>();
  readonly #edges: Edge[] = [];
  readonly #rules = new Map<string, CallVerdict['rule']>();
  #panics = 0;

  constructor(conversation: CountedConversation, alphabet: Alphabet) {
    this.#conversation = conversation;
    this.#alphabet = alphabet;
    conversation.keep('start');
  }

  run(): Graph {
    this.#stateHere([]);
    for (let from = 0; from < this.#ways.length; from++) {
      this.#goTo(from);
      this.#conversation.keep('here');
      for (const call of this.#alphabet.calls) {
        this.#take(from, call);
        this.#conversation.restore('here');
      }
    }
    return { states: this.#states, edges: this.#edges, panics: this.#panics, rules: this.#rules };
  }

  #goTo(state: number): void {
    this.#conversation.restore('start');
    for (const call of this.#ways[state] ?? []) this.#make(call);
  }

  #make({ name, args }: SuiteCall): { readonly result: CountedResult; readonly verdict: CallVerdict } {
    const verdict = this.#conversation.judge({ name, args, memory: enough, seen: {} });
    const [first] = verdict.attempts;
    if (first === undefined || verdict.verdict !== 'allowed')
      throw new Error(`${name}: the model is not sure: ${verdict.why}`);
    return { result: first.outcome.result, verdict };
  }

  #take(from: number, call: SuiteCall): void {
    const { result, verdict } = this.#make(call);
    if (result === BUG) {
      this.#panics++;
      return;
    }
    if (this.#isTooFar()) return;
    const to = this.#stateHere([...(this.#ways[from] ?? []), call]);
    this.#rules.set(verdict.rule.name, verdict.rule);
    this.#edges.push({ from, to, call, result: numberOf(result), rule: verdict.rule.name });
  }

  #isTooFar(): boolean {
    const [page] = this.#alphabet.observed;
    if (page === undefined) return false;
    const { word } = this.#conversation.model.at(placeOf(page));
    const { shares, pins } = this.#alphabet.most;
    if (this.#conversation.implementation.machine === 'arm64') {
      const { shareCount, refcount } = arm64RecordOf(word);
      return shareCount > shares || refcount > pins;
    }
    const { hypShares, guestShares, refcount } = recordOf(word);
    return hypShares > shares || guestShares > shares || refcount > pins;
  }

  #stateHere(way: readonly SuiteCall[]): number {
    const words = this.#alphabet.observed.map(one => this.#conversation.model.at(placeOf(one)).word);
    const key = words.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.#states.length);
    this.#ways.push(way);
    return this.#states.push(words) - 1;
  }
}

/** A suite of one page, two frames and a VM of each kind, with the answers of the implementation. */
export function countedSuite(implementation: CountedImplementation, cover: Cover): Suite {
  const { model } = new CountedConversation(implementation, {
    ram: [],
    hypervisor: [],
    vms: [],
    initially: 'host owns all RAM',
  });
  const shapes = new Map(
    model.names.flatMap(name => {
      const shape = model.shapeOf(name);
      return shape === undefined ? [] : [[name, shape]];
    }),
  );
  const alphabet = alphabetOf(implementation, shapes);
  const graph = new Exploration(new CountedConversation(implementation, alphabet.machine), alphabet).run();
  const initial = graph.states[0] ?? [];
  const { walks, wanted, covered } = toursOfCover(graph, cover, result => Number(result) < 0);
  const profile = implementation.name;
  const tests = walks.map((walk, at): SuiteTest => ({
    key: `counted-sharing/${profile}/${cover}/${String(at).padStart(4, '0')}`,
    steps: walk.flatMap(place => stepOf(graph, place)),
  }));
  const steps = tests.flatMap(test => test.steps);
  const refusals = steps.filter(({ ret }) => ret < 0).length;
  const leaves = alphabet.observed.map((one, at): SuiteLeaf => ({ ...one, initial: initial[at] ?? 0n }));
  const { ram, vms } = alphabet.machine;
  return {
    system: 'counted-sharing',
    profile,
    operations: model.names,
    ruleOf: name => graph.rules.get(name) ?? { says: name, source: ours('the check itself') },
    ram: ram === 'any' ? [] : ram,
    vms:
      vms === 'any'
        ? []
        : vms.map(({ id, isProtected }) => ({ id, kind: isProtected === true ? 'protected' : 'normal' })),
    leaves,
    tests,
    guarantee: {
      cover,
      covered,
      of: wanted,
      states: graph.states.length,
      steps: steps.length,
      refusals,
      sentence: `${covered} of ${wanted} ${coverNames[cover]} of ${graph.states.length} states of one page (at most ${alphabet.most.shares} shares of a kind and ${alphabet.most.pins} pin), in ${steps.length} steps and ${tests.length} test${tests.length === 1 ? '' : 's'}; after every call its result, the record of the page and every leaf are checked, ${leaves.length} words; ${refusals} refused calls must leave all of them as they were; ${graph.panics} calls that end in a panic, shortage of table memory, MMIO and large leaves are left out; a VM that was torn down is made again, finalized`,
    },
  };
}

function stepOf({ edges, states }: Graph, place: number): SuiteTest['steps'] {
  const edge = edges[place];
  if (edge === undefined) return [];
  const before = states[edge.from] ?? [];
  const changes = (states[edge.to] ?? []).flatMap((after, leaf) =>
    after === before[leaf] ? [] : [{ leaf, after }],
  );
  const { name, shown } = edge.call;
  const { result: ret, rule } = edge;
  return [{ name, args: shown, tablePages: 'available', ret, rule, changes }];
}
