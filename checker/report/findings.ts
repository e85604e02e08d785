import type { Evaluation } from '../learn/evaluate.ts';
import type { Subject } from '../learn/subjects.ts';
import type { Action, Property } from '../system/system.ts';
import type { Call } from './trace.ts';

/** The first state in which a property was broken or reached. */
export interface Finding {
  readonly state: number;
  readonly subject: number;
  readonly about: string;
  readonly why: string;
  /** The step that breaks it, where it speaks of steps. */
  readonly call?: Call;
}

/**
 * Collects, for each property and the twin, the first state in order of discovery that breaks or reaches it, and of
 * that state's members the first.
 */
export class Findings {
  /** The state that is being looked at. */
  state = 0;
  readonly #properties: readonly Property[];
  readonly #first = new Map<number | 'twin', Finding>();
  readonly #settled = new Set<number>();

  constructor(properties: readonly Property[]) {
    this.#properties = properties;
  }

  of(property: number | 'twin'): Finding | undefined {
    return this.#first.get(property);
  }

  /** Properties of states of which the first state was found: no later state, and no other member, can be it. */
  get settled(): ReadonlySet<number> {
    return this.#settled;
  }

  /** What violates properties of states and steps. */
  get violations(): readonly Finding[] {
    return this.#properties.flatMap(({ kind }, index) =>
      kind === 'sometimes' ? [] : (this.#first.get(index) ?? []),
    );
  }

  /** Whether anything is violated: a reached `sometimes` is no violation. */
  get isViolated(): boolean {
    return [...this.#first.keys()].some(
      key => key === 'twin' || this.#properties[key]?.kind !== 'sometimes',
    );
  }

  /** Hears of subjects by their index. */
  over(subjects: readonly Subject[]): (index: number, evaluation: Evaluation) => void {
    return (index, evaluation) => this.#hear(subjects[index] as Subject, index, evaluation);
  }

  #hear(subject: Subject, index: number, evaluation: Evaluation): void {
    if (subject.kind === 'action') this.#steps(index, subject.action, evaluation);
    else {
      const { kind } = this.#properties[subject.property] as Property;
      const isNews = kind === 'always' ? !evaluation.holds : kind === 'sometimes' && evaluation.holds;
      if (!isNews) return;
      this.#note(subject.property, index, subject.instance.about, evaluation.why);
      this.#settled.add(subject.property);
    }
  }

  #steps(index: number, action: Action, { result, writes, faults }: Evaluation): void {
    if (result === undefined) return;
    for (const { property, why } of faults)
      this.#note(property, index, '', why, { action, result, writes });
  }

  #note(key: number | 'twin', subject: number, about: string, why: string, call?: Call): void {
    const known = this.#first.get(key);
    const isEarlier =
      known === undefined ||
      this.state < known.state ||
      (this.state === known.state && subject < known.subject);
    if (!isEarlier) return;
    const finding = { state: this.state, subject, about, why };
    this.#first.set(key, call === undefined ? finding : { ...finding, call });
  }
}
