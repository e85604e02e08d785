import type { Property } from '../system/system.ts';
import type { Proof } from './prove.ts';
import { RANGES } from './ranges.ts';
import type { Held } from './sentences.ts';

/** What a sentence is worth after a proof: never shown as more than it is. */
export interface SentenceVerdict {
  readonly name: string;
  readonly id?: string;
  /** What is asked: the twin's sentence is that bits and protocol agree, a range's that it is made of calls over one. */
  readonly kind: Property['kind'] | 'twin' | 'range';
  /**
   * `every size`; `this instance`, where a loop or a shortage of members shows nothing about larger ones; `partial`,
   * where the proof was interrupted before it had come to the sentence.
   */
  readonly label: 'every size' | 'this instance' | 'violated' | 'reached' | 'not proven' | 'partial';
  /** Why it is no more than that. */
  readonly why?: string;
}

const UNASKED = 'no case came up in which it could be asked: that shows nothing';
const unasked: Held = { cases: 0, isShort: false };

/** Every sentence of the system with its label, the twin last. */
export function verdictsOf(proof: Proof): readonly SentenceVerdict[] {
  const { system, samples, held, strays, short, unsound, ranges, isInterrupted } = proof;
  const broken = (name: string): string | undefined =>
    samples.flatMap(({ found }) =>
      found.properties.flatMap(outcome =>
        outcome.verdict === 'violated' && outcome.property.name === name ? [outcome.why] : [],
      ),
    )[0];
  const calls = new Set(system.actions.map(({ name }) => name));
  const loop = [...strays].find(([reader]) => calls.has(reader));
  const limits = [
    ...unsound,
    ...(ranges === undefined ? [] : [`longer ranges: ${ranges}`]),
    ...(loop === undefined ? [] : [`${loop[0]}: ${loop[1]}`]),
    ...(short.length === 0 ? [] : [`more ${short.join(', ')} are needed than the instance has`]),
  ];
  const standing = (name: string, held: Held | undefined): Pick<SentenceVerdict, 'label' | 'why'> => {
    const violation = broken(name);
    if (violation !== undefined) return { label: 'violated', why: violation };
    if (isInterrupted) return { label: 'partial', why: 'the proof was interrupted' };
    if (held?.doubt !== undefined)
      return { label: 'not proven', why: held.doubt.why || 'it is false of what the candidate allows' };
    if (held?.cases === 0) return { label: 'not proven', why: UNASKED };
    const tooFew = held?.isShort === true ? 'it looks at more members than the instance has' : undefined;
    const why = [strays.get(name), tooFew, ...limits].find(text => text !== undefined);
    return why === undefined ? { label: 'every size' } : { label: 'this instance', why };
  };
  const isReached = ({ name }: Property): boolean =>
    samples.some(({ found }) =>
      found.properties.some(({ property, verdict }) => property.name === name && verdict === 'reached'),
    );
  const twinBreaks = samples.flatMap(({ found }) => found.twin?.disagreement?.why ?? [])[0];
  return [
    ...system.properties.map((property): SentenceVerdict => {
      const { name, id, kind } = property;
      const named = { name, kind, ...(id === undefined ? {} : { id }) };
      if (property.kind === 'sometimes')
        return isReached(property)
          ? { ...named, label: 'reached' }
          : isInterrupted
            ? { ...named, ...standing(name, undefined) }
            : { ...named, label: 'not proven', why: 'no small instance shows it' };
      return { ...named, ...standing(property.name, held.get(property) ?? unasked) };
    }),
    ...(system.twin === undefined
      ? []
      : [
          {
            name: `the protocol: ${system.twin.name}`,
            kind: 'twin' as const,
            ...(twinBreaks === undefined
              ? standing(system.twin.name, held.get(system.twin) ?? unasked)
              : { label: 'violated' as const, why: twinBreaks }),
          },
        ]),
    ...(system.ranges === undefined
      ? []
      : [
          {
            name: RANGES,
            kind: 'range' as const,
            ...(ranges === undefined
              ? standing(RANGES, undefined)
              : { label: 'not proven' as const, why: ranges }),
          },
        ]),
  ];
}
