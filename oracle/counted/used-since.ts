import { CountedLeaf, leafValue } from '../../model/pkvm/counted/index.ts';

/** Whether only flags differ that the processor sets by itself. */
export const isUsedSince = (observed: bigint, held: bigint): boolean => {
  const { accessed, dirty } = CountedLeaf.decode(observed);
  const { isPresent } = leafValue(held);
  const used = { ...(accessed && { accessed }), ...(dirty && { dirty }) };
  return isPresent && CountedLeaf.with(held, used) === observed;
};
