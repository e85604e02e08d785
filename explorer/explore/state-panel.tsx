import { useState } from 'preact/hooks';
import { groupedHex } from '../../model/bits/index.ts';
import type { Slot, System, Value } from '../../checker/index.ts';
import { shownValue } from '../../graphs/from-states.ts';
import type { TakenStep } from '../session.ts';
import { WordFields } from '../word-fields.tsx';
import { isFound } from './is-found.ts';
import { type Cell, type PageRow, pageTable } from './page-table.ts';
import { wordFormat } from './word-format.ts';

interface StatePanelProps {
  readonly system: System;
  readonly state: readonly Value[];
  /** The step that led here. */
  readonly last: TakenStep | undefined;
  /** The name of the slot whose word is open. */
  readonly open: string | undefined;
  readonly onOpen: (slot: string | undefined) => void;
  readonly guestKind: (vm: number) => string;
}

interface Looks extends StatePanelProps {
  readonly valueOf: (slot: Slot) => Value;
  readonly beforeOf: (slot: Slot) => Value | undefined;
}

/** One word: its state, its bits behind a click, and a mark where the last step changed it. */
function Word({ cell, looks }: { cell: Cell; looks: Looks }) {
  const value = looks.valueOf(cell.slot);
  const before = looks.beforeOf(cell.slot);
  const isOpen = looks.open === cell.slot.name;
  return (
    <button
      type="button"
      class={`word ${cell.tone} ${before === undefined ? '' : 'changed'}`}
      aria-expanded={isOpen}
      title={
        before === undefined ? cell.slot.name : `${cell.slot.name}, was ${shownValue(cell.slot, before)}`
      }
      onClick={() => looks.onOpen(isOpen ? undefined : cell.slot.name)}
    >
      <span class="state">{cell.state}</span>
      {cell.gpa === undefined ? null : <span class="gpa"> · gpa 0x{cell.gpa.toString(16)}</span>}
      <code>{typeof value === 'bigint' ? groupedHex(value) : String(value)}</code>
    </button>
  );
}

/** A guest address that maps nothing: only where it is, its word behind a click. */
function Unmapped({ cell, looks }: { cell: Cell; looks: Looks }) {
  const isOpen = looks.open === cell.slot.name;
  const before = looks.beforeOf(cell.slot);
  return (
    <button
      type="button"
      class={`word small ${before === undefined ? '' : 'changed'}`}
      aria-expanded={isOpen}
      title={`${cell.slot.name}: ${shownValue(cell.slot, looks.valueOf(cell.slot))}`}
      onClick={() => looks.onOpen(isOpen ? undefined : cell.slot.name)}
    >
      gpa 0x{cell.gpa?.toString(16)}
    </button>
  );
}

const absent = <span class="hint">–</span>;

function Row({ row, looks }: { row: PageRow; looks: Looks }) {
  const marked = (slot: Slot): string => (looks.beforeOf(slot) === undefined ? '' : 'changed');
  return (
    <tr>
      <th scope="row">
        <code>0x{row.page.toString(16)}</code>
      </th>
      <td class="owner">{row.owner}</td>
      <td>{row.borrower === '' ? absent : row.borrower}</td>
      {row.more.map(({ name, slot, text }) => (
        <td key={name} class={marked(slot)}>
          {text}
        </td>
      ))}
      <td>
        <Word cell={row.host} looks={looks} />
      </td>
      {row.guests.map(({ vm, cells }) => (
        <td key={vm}>
          {cells.length === 0
            ? absent
            : cells.map(cell => <Word key={cell.slot.name} cell={cell} looks={looks} />)}
        </td>
      ))}
    </tr>
  );
}

function SlotValue({ slot, looks }: { slot: Slot; looks: Looks }) {
  const value = looks.valueOf(slot);
  if (wordFormat(slot, value) === undefined) return <span>{shownValue(slot, value)}</span>;
  const isOpen = looks.open === slot.name;
  return (
    <button
      type="button"
      class="word"
      aria-expanded={isOpen}
      onClick={() => looks.onOpen(isOpen ? undefined : slot.name)}
    >
      {shownValue(slot, value)}
    </button>
  );
}

/** From so many slots on one looks for some of them. */
const manySlots = 12;

/** The rows that are looked at: those that are found, or that the last call changed, or all. */
function SlotSearch(props: {
  readonly sought: string;
  readonly onSeek: (text: string) => void;
  readonly isChangedOnly: boolean;
  readonly onChangedOnly: (only: boolean) => void;
}) {
  return (
    <p class="tools">
      <input
        type="search"
        aria-label="search the state"
        placeholder="search: vCPU 0"
        value={props.sought}
        onInput={event => props.onSeek(event.currentTarget.value)}
      />
      <label>
        <input
          type="checkbox"
          checked={props.isChangedOnly}
          onChange={event => props.onChangedOnly(event.currentTarget.checked)}
        />{' '}
        only what is not as in the beginning
      </label>
    </p>
  );
}

/** Every slot by name: for a system that is not about pages, and for what is no leaf of a page. */
function SlotList({ slots, looks }: { slots: readonly Slot[]; looks: Looks }) {
  const [sought, seek] = useState('');
  const [isChangedOnly, onChangedOnly] = useState(false);
  const shown = slots.filter(
    slot =>
      isFound(`${slot.name} ${shownValue(slot, looks.valueOf(slot))}`, sought) &&
      (!isChangedOnly || looks.valueOf(slot) !== slot.initial),
  );
  return (
    <>
      {slots.length < manySlots ? null : (
        <SlotSearch {...{ sought, onSeek: seek, isChangedOnly, onChangedOnly }} />
      )}
      <SlotRows slots={shown} looks={looks} />
    </>
  );
}

function SlotRows({ slots, looks }: { slots: readonly Slot[]; looks: Looks }) {
  return (
    <dl class="slots">
      {slots.map(slot => {
        const before = looks.beforeOf(slot);
        return (
          <div key={slot.name} class={before === undefined ? '' : 'changed'}>
            <dt>{slot.name}</dt>
            <dd>
              <SlotValue slot={slot} looks={looks} />
              {before === undefined ? null : <span class="was"> was {shownValue(slot, before)}</span>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function OpenWord({ looks }: { looks: Looks }) {
  const slot = looks.system.slots.find(({ name }) => name === looks.open);
  if (slot === undefined) {
    const hasWords = looks.system.slots.some(each => wordFormat(each, looks.valueOf(each)) !== undefined);
    return (
      <p class="hint">
        {hasWords ? 'Click a word to open it into its bit fields. ' : ''}What the last call changed is
        marked.
      </p>
    );
  }
  const value = looks.valueOf(slot);
  const layout = wordFormat(slot, value);
  if (layout === undefined || typeof value !== 'bigint') return null;
  const before = looks.beforeOf(slot);
  const wasSameFormat = before !== undefined && wordFormat(slot, before) === layout;
  return (
    <section class="open-word" aria-label={`bit fields of ${slot.name}`}>
      <h3>
        {slot.name} <span class="hint">{shownValue(slot, value)}</span>
        {before === undefined ? null : <span class="was"> was {shownValue(slot, before)}</span>}
      </h3>
      <WordFields
        word={value}
        layout={layout}
        before={wasSameFormat && typeof before === 'bigint' ? before : undefined}
      />
    </section>
  );
}

function Pages({ looks }: { looks: Looks }) {
  const table = pageTable(looks.system, looks.state);
  if (table === undefined) return <SlotList slots={looks.system.slots} looks={looks} />;
  const [first] = table.rows;
  return (
    <>
      <div class="scroll">
        <table class="pages">
          <thead>
            <tr>
              <th scope="col">page</th>
              <th scope="col">owner</th>
              <th scope="col">borrower</th>
              {first?.more.map(({ name }) => (
                <th scope="col" key={name}>
                  {name === 'data' ? 'contents' : name}
                </th>
              ))}
              <th scope="col">host EPT</th>
              {table.guests.map(vm => (
                <th scope="col" key={vm}>
                  guest {vm} <span class="hint">{looks.guestKind(vm)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {table.rows.map(row => (
              <Row key={row.page} row={row} looks={looks} />
            ))}
            <tr class="unmapped">
              <th scope="row" colSpan={4 + (first?.more.length ?? 0)}>
                guest addresses that map none of these pages
              </th>
              {table.unmapped.map(({ vm, cells }) => (
                <td key={vm}>
                  {cells.length === 0
                    ? absent
                    : cells.map(cell => <Unmapped key={cell.slot.name} cell={cell} looks={looks} />)}
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      {table.rest.length === 0 ? null : <SlotList slots={table.rest} looks={looks} />}
    </>
  );
}

/** The state as an engineer thinks of it, with any word a click away from its bits. */
export function StatePanel(props: StatePanelProps) {
  const { system, state, last } = props;
  const looks: Looks = {
    ...props,
    valueOf: slot => state[system.slots.indexOf(slot)] ?? 0n,
    beforeOf: slot => last?.changes.find(change => change.slot === slot)?.before,
  };
  return (
    <>
      <Pages looks={looks} />
      <OpenWord looks={looks} />
    </>
  );
}
