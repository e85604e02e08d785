import { z } from 'zod';
import { countedVerdictJson } from '../../counted/answer.ts';
import { placesIn, placesSeen } from '../../counted/values.ts';
import { countedOperation, envelope, refuse } from '../../operation.ts';
import { seq } from '../../values.ts';

/** Records and leaves as they were seen between two calls. */
export const countedObserve = countedOperation({
  schema: z.strictObject({ ...envelope('observe'), ...placesSeen, seq }),
  help: '{"records", "leaves"}: records and leaf words as they were seen',
  answer: (request, talk) => {
    const places = placesIn(request);
    for (const { place } of places) {
      const isVm = place.kind === 'leaf' && place.table !== 'host';
      if (isVm && !talk.conversation.model.hasVm(Number(place.table)))
        return refuse(`observe: hello declared no VM ${place.table}`);
    }
    return { ...countedVerdictJson(talk.observe(places, request.seq)), dialect: talk.hash };
  },
});
