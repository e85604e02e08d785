import { facts } from '../../../model/citation.ts';
import { BUG, CountedErrno, x86Revisions } from '../../../model/pkvm/counted/index.ts';
import type { CountedImplementation, X86Implementation } from '../implementation.ts';
import type { CallVerdict, CountedRule } from '../verdict.ts';
import { Arm64Model } from './arm64-model.ts';
import { type Attempt, attemptsOf } from './attempt.ts';
import { heldSeen, placeDifference } from './differences.ts';
import { Ear } from './ear.ts';
import type { CountedCall } from './event.ts';
import { suspectedFault } from './known-fault.ts';
import { Knowledge } from './knowledge.ts';
import type { CountedMachineFacts, CountedModel, VmFacts } from './model.ts';
import { namedPlaces } from './named-places.ts';
import { type Held, type Place, type PlaceChange, type PlaceSeen, placeText } from './place.ts';
import { X86Model } from './x86-model.ts';

/** A verdict with everything that the implementation may do there. */
export interface JudgedCounted extends CallVerdict {
  readonly attempts: readonly Attempt[];
}

interface Kept {
  readonly mark: number;
  readonly knowledge: Knowledge;
  readonly vms: ReadonlyMap<number, VmFacts>;
  readonly isGone: boolean;
}

const goneRule: CountedRule = {
  name: 'gone',
  says: 'after a panic nobody is there to answer a call',
  source: facts.pkvm2026('5', 'BUG as its own outcome class (refused by panic)'),
};
const observeRule: CountedRule = {
  name: 'observe.place',
  says: 'a record or a leaf holds what the calls so far have given it',
  source: facts.pkvm2026('4', 'J9'),
};
const gapRule: CountedRule = {
  name: 'gap',
  says: 'events are missing here, so nothing is known of records and leaves',
  source: facts.oracle('4.1', 'LOST m EVENTS…lines must set an…observation gap…marker'),
};
const scopeRule: CountedRule = {
  name: 'operation',
  says: 'only functions that the revision has are called',
  source: facts.arm64Live('1'),
};

const modelOf = (implementation: CountedImplementation, machine: CountedMachineFacts): CountedModel =>
  implementation.machine === 'x86'
    ? new X86Model(implementation, machine)
    : new Arm64Model(implementation, machine);

/**
 * The machine as far as it was told, held against the calls that are made on it. One machine is followed: where two
 * things may have happened, what they do not agree on is no longer known.
 */
export class CountedConversation {
  readonly implementation: CountedImplementation;
  readonly model: CountedModel;
  readonly #machine: CountedMachineFacts;
  #knowledge: Knowledge;
  #vms = new Map<number, VmFacts>();
  #isGone = false;
  readonly #touched = new Map<string, Place>();
  readonly #kept = new Map<string, Kept>();

  constructor(implementation: CountedImplementation, machine: CountedMachineFacts) {
    this.implementation = implementation;
    this.#machine = machine;
    this.model = modelOf(implementation, machine);
    this.#knowledge = new Knowledge(machine.initially !== 'unknown', this.model.guessed);
    if (machine.vms !== 'any')
      for (const guest of machine.vms) {
        this.model.addVm(guest);
        this.#vms.set(guest.id, guest);
      }
  }

  /** Whether the hypervisor has panicked: nothing that follows can be judged. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** A sentence where the call makes no sense on this machine. */
  objection({ name, args }: CountedCall): string | undefined {
    const { vm } = args;
    if (this.model.shapeOf(name) === undefined) return `${this.implementation.name} has no ${name}`;
    if (vm === undefined || this.model.hasVm(vm)) return undefined;
    if (this.#machine.vms !== 'any') return `${name}: hello declared no VM ${vm}`;
    this.model.addVm({ id: vm });
    if (this.#machine.initially === 'unknown') this.#knowledge.forgetKind(vm);
    return undefined;
  }

  /** Everything that the implementation may do, with nothing done. */
  predict(call: CountedCall): readonly Attempt[] {
    return attemptsOf(this.model, this.#knowledge, call, this.#factsOf(call));
  }

  #factsOf({ args }: CountedCall): VmFacts {
    return args.vm === undefined ? {} : (this.#vms.get(args.vm) ?? {});
  }

  /** Holds a call against the implementation, and goes on from what was observed of it. */
  judge(call: CountedCall): JudgedCounted {
    if (this.#isGone) return { ...this.#about(call, goneRule, 'the hypervisor is gone'), attempts: [] };
    if (this.model.shapeOf(call.name) === undefined)
      return {
        ...this.#about(call, scopeRule, `${this.implementation.name} has no ${call.name}`),
        verdict: 'forbidden',
        attempts: [],
      };
    const attempts = this.predict(call);
    const fitting = attempts.filter(({ differences }) => differences.length === 0);
    const sure = fitting.find(({ ear }) => ear.unknown.length === 0);
    const unsure = attempts.find(({ ear }) => ear.unknown.length > 0);
    const judged =
      sure !== undefined
        ? { ...this.#verdict(call, sure), verdict: 'allowed' as const }
        : unsure !== undefined
          ? this.#unknown(call, fitting[0] ?? unsure)
          : this.#forbidden(call, attempts);
    this.#goOn(call, fitting, attempts, judged.verdict);
    return { ...judged, attempts };
  }

  /** Records and leaves as they were seen between two calls. */
  observe(seen: readonly PlaceSeen[]): CallVerdict {
    const differences = seen.flatMap(one =>
      this.#knowledge.isKnown(one.place) ? [...placeDifference(this.model, one)] : [],
    );
    this.#adopt(seen);
    const [first] = differences;
    return {
      verdict: first === undefined ? 'allowed' : 'forbidden',
      operation: 'observe',
      rule: observeRule,
      why:
        first === undefined ? 'they are as the calls have left them' : `${first.at} is ${first.observed}`,
      differences,
    };
  }

  /** Events are missing. */
  gap(why: string): CallVerdict {
    this.#knowledge.forgetAll();
    this.#isGone = false;
    return { verdict: 'unknown', operation: 'gap', rule: gapRule, why, differences: [] };
  }

  /** What stands at a place; `undefined` where nobody knows. */
  read(place: Place): Held | undefined {
    return this.#knowledge.isKnown(place) ? this.model.at(place) : undefined;
  }

  /** Keeps the machine as it is under a name. */
  keep(name: string): number {
    this.#kept.delete(name);
    this.#kept.set(name, {
      mark: this.model.mark(),
      knowledge: this.#knowledge.copy(),
      vms: new Map(this.#vms),
      isGone: this.#isGone,
    });
    return this.#kept.size;
  }

  /** Goes back to a machine that was kept, which forgets those that were kept later. */
  restore(name: string): boolean {
    const kept = this.#kept.get(name);
    if (kept === undefined) return false;
    this.model.back(kept.mark);
    this.#knowledge = kept.knowledge.copy();
    this.#vms = new Map(kept.vms);
    this.#isGone = kept.isGone;
    for (const [other, { mark }] of this.#kept) if (mark > kept.mark) this.#kept.delete(other);
    return true;
  }

  /** A machine that was kept is not gone back to any more. */
  drop(name: string): void {
    this.#kept.delete(name);
  }

  /** Everything that calls have touched since the beginning, as it is now: one text for one machine. */
  fingerprint(): string {
    return [...this.#touched]
      .map(([text, place]) => {
        const held = this.read(place);
        return `${text} ${held?.word ?? 'unknown'} ${held?.level ?? ''}`;
      })
      .sort()
      .join('\n');
  }

  #about({ name }: CountedCall, rule: CountedRule, why: string): CallVerdict {
    return { verdict: 'unknown', operation: name, rule, why, differences: [] };
  }

  #verdict(call: CountedCall, { outcome, differences }: Attempt): Omit<CallVerdict, 'verdict'> {
    const at = differences[0]?.at ?? 'ret';
    const rule = this.model.ruleAt(at, call.name, outcome, call.args);
    return { operation: call.name, rule, why: outcome.why, differences };
  }

  #unknown(call: CountedCall, attempt: Attempt): CallVerdict {
    const why = `nobody has observed ${attempt.ear.unknown.slice(0, 3).join(', ')}`;
    return { ...this.#verdict(call, attempt), verdict: 'unknown', why, differences: [] };
  }

  #forbidden(call: CountedCall, attempts: readonly Attempt[]): CallVerdict {
    const [nearest] = [...attempts].sort((a, b) => a.differences.length - b.differences.length);
    if (nearest === undefined) throw new RangeError('a call may do one thing at least');
    const known = this.#knownFault(call);
    return {
      ...this.#verdict(call, nearest),
      verdict: 'forbidden',
      ...(known === undefined ? {} : { known }),
    };
  }

  /** The known fault that explains the call: the code as built does exactly this. */
  #knownFault(call: CountedCall): string | undefined {
    const fault = suspectedFault(this.implementation, call);
    if (fault === undefined || !(this.model instanceof X86Model)) return undefined;
    const asBuilt = this.model.under(builtSo);
    const attempts = attemptsOf(asBuilt, this.#knowledge, call, this.#factsOf(call));
    return attempts.some(({ differences }) => differences.length === 0) ? fault : undefined;
  }

  #goOn(
    call: CountedCall,
    fitting: readonly Attempt[],
    attempts: readonly Attempt[],
    verdict: CallVerdict['verdict'],
  ): void {
    const { result, places = [] } = call.seen;
    const [first] = fitting;
    if (result === BUG || (result === undefined && first?.outcome.result === BUG)) {
      this.#isGone = true;
      return;
    }
    for (const { place } of attempts.flatMap(changesOf)) this.#touched.set(placeText(place), place);
    if (verdict === 'allowed' && first !== undefined) this.#apply(call, first, fitting);
    else if (hasRefused(call)) this.#forget(first === undefined ? attempts.flatMap(changesOf) : []);
    else this.#forgetAll(call, attempts);
    this.#adopt(places);
    if (this.#kept.size === 0) this.model.forget();
  }

  /** Does what fits best, and forgets what else that fits would have done otherwise. */
  #apply(call: CountedCall, best: Attempt, fitting: readonly Attempt[]): void {
    const { vm } = call.args;
    this.#learnVm(vm, fitting);
    this.model.call(call.name, call.args, best.assumption, new Ear(this.#knowledge));
    const others = fitting.filter(one => one !== best).flatMap(changesOf);
    for (const { place } of best.changes) if (place.kind === 'leaf') this.#knowledge.learn(place);
    this.#forget(others.filter(change => !this.#agrees(change)));
    if (fitting.length === 1) return this.#learnFrom(call, best);
    for (const change of best.changes)
      if (fitting.some(({ changes }) => !changes.some(other => isSameChange(change, other))))
        this.#forget([change]);
    this.#learnFrom(call, best);
  }

  /** What is known of a VM after it was finalized or torn down. */
  #learnFrom(call: CountedCall, best: Attempt): void {
    const { vm } = call.args;
    if (call.name === 'vm_finalize' && vm !== undefined)
      this.#vms.set(vm, { ...this.#vms.get(vm), isFinalized: true });
    if (call.name === 'vm_teardown' && vm !== undefined && best.outcome.result === null) {
      this.#vms.set(vm, { ...this.#vms.get(vm), isFinalized: undefined });
      this.#knowledge.learnKind(vm);
    }
  }

  #agrees({ place, after }: PlaceChange): boolean {
    const held = this.model.at(place);
    return held.word === after.word && held.level === after.level;
  }

  /** What all that fits takes of a VM is so. */
  #learnVm(vm: number | undefined, fitting: readonly Attempt[]): void {
    if (vm === undefined) return;
    const agreed = (key: keyof VmFacts): boolean | undefined => {
      const values = new Set(
        fitting.map(({ assumption, ear }) => (ear.hasAsked(key) ? assumption.vm[key] : undefined)),
      );
      const [only] = values;
      return values.size === 1 ? only : undefined;
    };
    const known = this.#vms.get(vm) ?? {};
    this.#vms.set(vm, {
      ...known,
      isProtected: known.isProtected ?? agreed('isProtected'),
      isFinalized: known.isFinalized ?? agreed('isFinalized'),
      isDying: known.isDying ?? agreed('isDying'),
    });
  }

  #forget(changes: readonly PlaceChange[]): void {
    for (const { place, size } of changes)
      for (const page of pagesOf(place, size)) this.#knowledge.forget(page);
  }

  /** With nothing known of the places that a call names, and of what it would have changed. */
  #forgetAll(call: CountedCall, attempts: readonly Attempt[]): void {
    this.#forget(attempts.flatMap(changesOf));
    for (const place of namedPlaces(this.model, call.args)) this.#knowledge.forget(place);
    const { vm } = call.args;
    // which pages the guest maps there nobody knows
    if (vm !== undefined && attempts.some(({ ear }) => ear.restsOnGuestLeaf)) {
      this.#knowledge.forgetKind('record');
      this.#knowledge.forgetKind('host');
    }
  }

  /** What was observed becomes so, where it is not. */
  #adopt(seen: readonly PlaceSeen[]): void {
    for (const one of seen) {
      const held = heldSeen(this.model, one);
      if (held === undefined) continue;
      const now = this.model.at(one.place);
      if (held.word !== now.word || (held.level ?? now.level) !== now.level)
        this.model.put(one.place, { ...now, ...held });
      this.#knowledge.learn(one.place);
    }
  }
}

const builtSo: X86Implementation = {
  name: 'x86-2026',
  about: '',
  machine: 'x86',
  columns: x86Revisions.G2c,
};

const changesOf = ({ changes }: Attempt): readonly PlaceChange[] => changes;

const isSameChange = (one: PlaceChange, other: PlaceChange): boolean =>
  one.place.address === other.place.address &&
  one.place.kind === other.place.kind &&
  (one.place.kind !== 'leaf' || other.place.kind !== 'leaf' || one.place.table === other.place.table) &&
  one.size === other.size &&
  one.after.word === other.after.word &&
  one.after.level === other.after.level;

/** A refusal changes nothing, unless it is one that is found out on the way. */
const hasRefused = ({ seen: { result } }: CountedCall): boolean =>
  typeof result === 'number' && result < 0 && result !== CountedErrno.ENOMEM;

/** More pages than this of one place are not listed one by one. */
const maxPages = 65_536n;

function* pagesOf(place: Place, size: bigint): Generator<Place> {
  const pages = size / 0x1000n < maxPages ? size / 0x1000n : maxPages;
  for (let page = 0n; page < pages; page++) yield { ...place, address: place.address + page * 0x1000n };
}
