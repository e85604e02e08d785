import {
  type Access,
  describeEntry,
  eptLevels,
  mapsPage,
  touchedSubPages,
  type WalkRead,
} from '../../model/ept/index.ts';
import { type AnyLayout, groupedHex } from '../../model/bits/index.ts';
import { permitsWrite, SppVector, SpptEntry } from '../../model/ept/spp/index.ts';
import { WordFields } from '../word-fields.tsx';
import type { Condition, Stage, WalkStages } from './walk-steps.ts';

interface StageListProps {
  readonly stages: WalkStages;
  readonly access: Access;
  /** The address of the entry whose word is open. */
  readonly open: bigint | undefined;
  readonly onOpen: (address: bigint) => void;
}

function layoutOf({ table, level, word }: WalkRead): AnyLayout | undefined {
  if (table === 'sppt') return level === 1 ? SppVector : SpptEntry;
  const { table: tableFormat, page } = eptLevels[level];
  return mapsPage(level, word) ? page : tableFormat;
}

/** The 32 sub-pages of a vector, those that the access touches framed. */
function VectorGrid({ word, access }: { word: bigint; access: Access }) {
  const touched = touchedSubPages(access);
  return (
    <ol class="vector" aria-label="write permission of each sub-page">
      {Array.from({ length: 32 }, (_, subPage) => {
        const may = permitsWrite(word, subPage);
        const isTouched = touched.includes(subPage);
        return (
          <li key={subPage} class={`${may ? 'may' : ''} ${isTouched ? 'touched' : ''}`}>
            <span class="number">{subPage}</span> {may ? 'w' : '–'}
          </li>
        );
      })}
    </ol>
  );
}

function StageCard({
  stage,
  order,
  access,
  open,
  onOpen,
}: { stage: Stage; order: number } & Omit<StageListProps, 'stages'>) {
  const { read } = stage;
  const layout = read === undefined ? undefined : layoutOf(read);
  const isOpen = read !== undefined && read.address === open;
  return (
    <li class={`stage ${stage.state}`} style={{ animationDelay: `${order * 60}ms` }}>
      <div class="line">
        <span class="name">{stage.name}</span>
        {read === undefined ? null : (
          <button type="button" class="word" aria-expanded={isOpen} onClick={() => onOpen(read.address)}>
            <code>
              {`0x${read.address.toString(16)}`} → {groupedHex(read.word)}
            </code>
          </button>
        )}
        <span class="decision">{stage.decision}</span>
      </div>
      {read !== undefined && read.table === 'sppt' && read.level === 1 ? (
        <VectorGrid word={read.word} access={access} />
      ) : null}
      {isOpen && layout !== undefined ? <WordFields word={read.word} layout={layout} /> : null}
      {isOpen && layout === undefined ? <p class="hint">{describeEntry(read).format}</p> : null}
    </li>
  );
}

function Conditions({ conditions }: { conditions: readonly Condition[] }) {
  const all = conditions.every(({ holds }) => holds);
  return (
    <>
      <h3>
        {all
          ? 'The EPT does not grant it, and the sub-page table is asked: all of these hold'
          : 'The EPT does not grant it, and the sub-page table is not asked: not all of these hold'}
      </h3>
      <ul class="conditions">
        {conditions.map(({ name, rule, holds, source }) => (
          <li key={name} class={holds ? 'good' : 'bad'} title={source}>
            <span aria-hidden="true">{holds ? '✓' : '✗'}</span>
            <span class="sr">{holds ? 'holds: ' : 'does not hold: '}</span> {rule}
          </li>
        ))}
      </ul>
    </>
  );
}

/** The walk, level by level: what was read lights up, with what was decided there. */
export function StageList({ stages, access, open, onOpen }: StageListProps) {
  const { ept, grant, conditions, sppt } = stages;
  const card = (stage: Stage, order: number) => (
    <StageCard key={stage.name} stage={stage} order={order} access={access} open={open} onOpen={onOpen} />
  );
  const rights = grant?.rights.join(', ') ?? '';
  return (
    <section class="stages" aria-label="the walk">
      <h3>Extended page tables</h3>
      <ol>{ept.map(card)}</ol>
      {grant === undefined ? null : (
        <p class={`grant ${grant.missing.length === 0 ? 'good' : 'bad'}`}>
          All entries together permit {rights === '' ? 'nothing' : rights}.{' '}
          {grant.missing.length === 0
            ? 'That is enough for this access.'
            : `The access lacks: ${grant.missing.join(', ').replaceAll('-', ' ')}.`}
        </p>
      )}
      {conditions === undefined ? null : <Conditions conditions={conditions} />}
      <h3>Sub-page permission table</h3>
      <ol>{sppt.map((stage, at) => card(stage, ept.length + at))}</ol>
    </section>
  );
}
