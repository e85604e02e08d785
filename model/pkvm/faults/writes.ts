import type { Word } from '../../bits/index.ts';
import { EptMemoryType } from '../../ept/entry.ts';
import { type Fault, faultOf } from '../../fault.ts';
import type { PageOfCall } from '../check.ts';
import { OwnerId, PageState, PkvmAnnotation, PkvmLeaf, type Prot } from '../leaf.ts';
import type { PkvmRules } from '../rules.ts';
import { PAGE_SIZE } from '../tables.ts';
import { type StepWrite, stepWrites, type WrittenField } from '../write.ts';
import { changingTransitions } from './left-out.ts';
import { ours } from '../../citation.ts';

const fault = faultOf<PkvmRules>();

/** `share.complete.guest:left_out`, `share.complete.guest:pageState`. */
type WriteFaultName<S> = S extends StepWrite<infer N, infer F> ? `${N}:${F | 'left_out'}` : never;

const wrongState: Record<PageState, PageState> = {
  [PageState.PKVM_NOPAGE]: PageState.PKVM_PAGE_OWNED,
  [PageState.PKVM_PAGE_OWNED]: PageState.PKVM_PAGE_SHARED_OWNED,
  [PageState.PKVM_PAGE_SHARED_OWNED]: PageState.PKVM_PAGE_OWNED,
  [PageState.PKVM_PAGE_SHARED_BORROWED]: PageState.PKVM_PAGE_SHARED_OWNED,
};

const corrupt: Record<WrittenField, <W extends Word>(word: W) => W> = {
  pageState: word =>
    PkvmLeaf.with(word, { pageState: wrongState[PkvmLeaf.get(word, 'pageState') as PageState] }),
  ownerId: word =>
    PkvmAnnotation.with(word, {
      ownerId:
        PkvmAnnotation.get(word, 'ownerId') === OwnerId.PKVM_ID_HYP
          ? OwnerId.PKVM_ID_HOST
          : OwnerId.PKVM_ID_HYP,
    }),
  page: word => PkvmLeaf.with(word, { page: PkvmLeaf.get(word, 'page') + PAGE_SIZE }),
  memoryType: word => PkvmLeaf.with(word, { memoryType: EptMemoryType.UC }),
  write: word => PkvmLeaf.with(word, { write: !PkvmLeaf.get(word, 'write') }),
};

/** The rules with this step replaced, in every operation that makes it. */
const replacing = (
  { operations }: PkvmRules,
  name: string,
  replace: (step: StepWrite) => StepWrite | undefined,
): Pick<PkvmRules, 'operations'> => {
  const replaced = (step: StepWrite | undefined): StepWrite | undefined =>
    step?.name === name ? replace(step) : step;
  return {
    operations: changingTransitions(operations, transition => ({
      ...transition,
      initiate: replaced(transition.initiate),
      complete: replaced(transition.complete),
    })),
  };
};

const wrong = (field: WrittenField) => (step: StepWrite) => ({
  ...step,
  word: <W extends Word>(page: PageOfCall<W>, prot: Prot) => corrupt[field](step.word(page, prot)),
});

const faultsOf = <N extends string, F extends WrittenField>({ name, fields }: StepWrite<N, F>) => [
  fault(`${name}:left_out`, `${name} writes nothing`, ours('the write itself'), rules =>
    replacing(rules, name, () => undefined),
  ),
  ...fields.map(field =>
    fault(`${name}:${field}`, `${name} writes the wrong ${field}`, ours('the write itself'), rules =>
      replacing(rules, name, wrong(field)),
    ),
  ),
];

/** A write of a leaf left out, or one field of it wrong. Each step has the faults of its own fields alone. */
export const writeFaults = stepWrites.flatMap(step => faultsOf(step)) as readonly Fault<
  PkvmRules,
  WriteFaultName<(typeof stepWrites)[number]>
>[];
