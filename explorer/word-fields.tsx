import { type Field, groupedHex, type Layout } from '../model/bits/index.ts';
import { meaningOf } from './field-meanings.ts';

/** A layout whatever its fields: what the page needs to show a word. */
export type AnyLayout = Pick<Layout<Readonly<Record<string, Field>>>, 'name' | 'fields' | 'mask'>;

interface WordFieldsProps {
  readonly word: bigint;
  readonly layout: AnyLayout;
  /** The word before the last step, where that changed it. */
  readonly before?: bigint | undefined;
}

const bitsText = ({ hi, lo }: Field): string => (hi === lo ? String(hi) : `${hi}:${lo}`);

/** The value of a field in a word, as its layout reads it. */
function fieldValue(layout: AnyLayout, name: string, field: Field, word: bigint): unknown {
  const raw = (word & layout.mask(name)) / (layout.mask(name) & -layout.mask(name));
  return field.read(raw);
}

const valueText = (value: unknown): string =>
  typeof value === 'bigint'
    ? `0x${value.toString(16)}`
    : typeof value === 'boolean'
      ? value
        ? '1'
        : '0'
      : String(value);

function FieldRow({ layout, name, field, word, before }: WordFieldsProps & { name: string; field: Field }) {
  const value = fieldValue(layout, name, field, word);
  const was = before === undefined ? value : fieldValue(layout, name, field, before);
  const { title, meaning } = meaningOf(layout.name, name, field, value);
  const quiet = field.role !== 'value' || value === false || value === 0 || value === 0n;
  return (
    <tr class={`${quiet ? 'quiet' : ''} ${was === value ? '' : 'changed'}`}>
      <td class="number">{bitsText(field)}</td>
      <th scope="row">{title}</th>
      <td class="value">
        {valueText(value)}
        {was === value ? null : <span class="was"> was {valueText(was)}</span>}
      </td>
      <td class="meaning">{meaning}</td>
    </tr>
  );
}

/** A word opened into its bit fields: bits, name, value, meaning. */
export function WordFields({ word, layout, before }: WordFieldsProps) {
  const fields = Object.entries(layout.fields).sort(([, a], [, b]) => b.lo - a.lo);
  const shown = fields.filter(
    ([name, field]) => field.role === 'value' || fieldValue(layout, name, field, word) !== 0n,
  );
  return (
    <table class="fields">
      <caption>
        <code>{groupedHex(word)}</code> as {layout.name}
        <span class="hint"> ignored and reserved bits are shown where they are set</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">bits</th>
          <th scope="col">field</th>
          <th scope="col">value</th>
          <th scope="col">meaning</th>
        </tr>
      </thead>
      <tbody>
        {shown.map(([name, field]) => (
          <FieldRow key={name} layout={layout} name={name} field={field} word={word} before={before} />
        ))}
      </tbody>
    </table>
  );
}
