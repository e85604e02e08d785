import type { CType } from './c-type.ts';
import type { Members, StructInput, StructValues } from './struct.ts';

/**
 * `union name`: members that share the same bytes. Reading gives every member's view of them; writing takes one
 * member, since two would have to agree.
 *
 * @throws RangeError at load when the size is not the declared one, and from `write` for two members at once.
 */
export function union<const F extends Members>(
  name: string,
  fields: F,
  declared: { readonly size: number },
): CType<StructValues<F>, StructInput<F>> {
  const members = Object.entries(fields).map(([field, type]) => ({ name: field, offset: 0, type }));
  const alignment = Math.max(...members.map(({ type }) => type.alignment));
  const largest = Math.max(...members.map(({ type }) => type.size));
  const size = Math.ceil(largest / alignment) * alignment;
  if (size !== declared.size)
    throw new RangeError(`union ${name} is ${size} bytes long, declared ${declared.size}`);
  return {
    name: `union ${name}`,
    size,
    alignment,
    members,
    read: (view, at) =>
      Object.fromEntries(
        members.map(({ name: field, type }) => [field, type.read(view, at)]),
      ) as StructValues<F>,
    write: (view, at, values, path) => {
      const given = Object.entries(values);
      if (given.length > 1) throw new RangeError(`${path} is a union: one member, not ${given.length}`);
      for (const [field, value] of given) {
        const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
        if (type === undefined) throw new RangeError(`${path} has no member ${field}`);
        (type.write as CType<unknown, unknown>['write'])(view, at, value, `${path}.${field}`);
      }
    },
  };
}
