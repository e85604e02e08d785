import type { CallArguments, OperationName } from '../../model/pkvm/index.ts';

/** A call of the page-state API, without what became of it. */
export interface NamedCall {
  readonly name: OperationName;
  readonly args: CallArguments;
}
