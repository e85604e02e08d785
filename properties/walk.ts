import type { Property } from '../checker/index.ts';
import { grantProperties } from './walk-grant.ts';
import { logProperties } from './walk-log.ts';
import { endings, orderProperties } from './walk-order.ts';
import { reportProperties, writeProperties } from './walk-report.ts';
import type { ViewedWalk } from './walk-view.ts';

export type { ViewedWalk } from './walk-view.ts';

/** H1 to H12 but H10, which is exhaustive over bits and not over states: the theme `bits` and the tests hold it. */
export const walkProperties = (view: ViewedWalk): readonly Property[] => [
  ...grantProperties(view),
  ...orderProperties(view),
  ...reportProperties(view),
  ...writeProperties(view),
  ...logProperties(view),
  ...endings(view),
];
