/** What a cell holds, compared by value. */
export type CellValue = bigint | number | string | boolean;

/** One named piece of a VM's state: a page-table word, or something that KVM keeps beside the tables. */
export interface Cell<V extends CellValue = CellValue> {
  readonly name: string;
  readonly initial: V;
  /** What it is, where others ask for it: a word of a table, of some level. */
  readonly is?: { readonly kind: 'word'; readonly table: 'ept' | 'sppt'; readonly level: number };
  /** How a person reads a value of it. */
  show?(value: V): string;
}

/** Where the values of the cells are. What is read after a write is what was written. */
export interface State {
  get<V extends CellValue>(cell: Cell<V>): V;
  set<V extends CellValue>(cell: Cell<V>, value: V): void;
}

/** What only looks. */
export type View = Pick<State, 'get'>;

/** A state of its own, in which every cell starts as a view has it: for asking what would happen. */
export function scratch(view: View): State {
  const written = new Map<object, CellValue>();
  return {
    get: <V extends CellValue>(cell: Cell<V>): V =>
      written.has(cell) ? (written.get(cell) as V) : view.get(cell),
    set: (cell, value) => void written.set(cell, value),
  };
}

/** A state that starts with every cell's initial value. */
export const initialState = (): State => scratch({ get: cell => cell.initial });
