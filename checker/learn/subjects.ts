import type { Instance, Action, System } from '../system/system.ts';

/** What is asked of a state: the steps of one action, or whether one member of a property's family holds. */
export type Subject =
  | { readonly kind: 'action'; readonly action: Action }
  | { readonly kind: 'instance'; readonly property: number; readonly instance: Instance };

/** Everything that is asked of every state of a system: the actions first. */
export function subjectsOf({ actions, properties }: System): readonly Subject[] {
  return [
    ...actions.map(action => ({ kind: 'action', action }) as const),
    ...properties.flatMap((sentence, property) =>
      sentence.kind === 'step'
        ? []
        : sentence.instances.map(instance => ({ kind: 'instance', property, instance }) as const),
    ),
  ];
}

/** Numbers the recoverable properties: each has a bit of its own in the forest. */
export function recoverables({ name, properties }: System): ReadonlyMap<number, number> {
  const indices = properties.flatMap(({ kind }, index) => (kind === 'recoverable' ? [index] : []));
  if (indices.length > 31) throw new RangeError(`${name} has more than 31 recoverable properties`);
  return new Map(indices.map((property, ordinal) => [property, ordinal]));
}
