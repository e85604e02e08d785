import { type AnyLayout, type Field, groupedHex } from '../model/bits/index.ts';

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

/** What a field is called, what this value of it says, and where that is written. */
function wordsOf(name: string, { role, words }: Field, value: unknown): [string, string, string] {
  if (role === 'ignored') return ['ignored', 'means nothing here', ''];
  if (role === 'reserved') return ['reserved', 'must be 0', ''];
  return words === undefined ? [name, '', ''] : [words.title, words.says(value), words.source];
}

function FieldRow({ layout, name, field, word, before }: WordFieldsProps & { name: string; field: Field }) {
  const value = fieldValue(layout, name, field, word);
  const was = before === undefined ? value : fieldValue(layout, name, field, before);
  const [title, meaning, source] = wordsOf(name, field, value);
  return (
    <tr class={was === value ? '' : 'changed'}>
      <td class="number">{bitsText(field)}</td>
      <th scope="row">{title}</th>
      <td class="value">
        {valueText(value)}
        {was === value ? null : <span class="was"> was {valueText(was)}</span>}
      </td>
      <td>{meaning}</td>
      <td class="source">{source}</td>
    </tr>
  );
}

type NamedField = readonly [name: string, field: Field];

function FieldTable({ fields, ...props }: WordFieldsProps & { fields: readonly NamedField[] }) {
  return (
    <table class="fields">
      <thead>
        <tr>
          <th scope="col">bits</th>
          <th scope="col">field</th>
          <th scope="col">value</th>
          <th scope="col">meaning</th>
          <th scope="col">source</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(([name, field]) => (
          <FieldRow key={name} {...props} name={name} field={field} />
        ))}
      </tbody>
    </table>
  );
}

/** Fields of which 0 says as much as 1: they are shown always. */
const alwaysShown = ['pageState', 'ownerId', 'valid', 'subPageWrite', 'write', 'read'];

/** A word opened into its bit fields: bits, name, value, meaning, source. What is 0 and says nothing is folded away. */
export function WordFields({ word, layout, before }: WordFieldsProps) {
  const fields = Object.entries(layout.fields).sort(([, a], [, b]) => b.lo - a.lo);
  const isSet = ([name]: NamedField, of: bigint): boolean => (of & layout.mask(name)) !== 0n;
  const isShown = (entry: NamedField): boolean =>
    alwaysShown.includes(entry[0]) || isSet(entry, word) || (before !== undefined && isSet(entry, before));
  const clear = fields.filter(entry => !isShown(entry) && entry[1].role === 'value');
  return (
    <>
      <p class="format">
        <code>{groupedHex(word)}</code> <span class="hint">as {layout.name}</span>
      </p>
      <FieldTable word={word} layout={layout} before={before} fields={fields.filter(isShown)} />
      {clear.length === 0 ? null : (
        <details class="clear">
          <summary>{clear.length} more fields, all 0</summary>
          <FieldTable word={word} layout={layout} before={before} fields={clear} />
        </details>
      )}
    </>
  );
}
