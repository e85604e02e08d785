import { z } from 'zod';
import { operationNames } from '../../model/pkvm/index.ts';
import type { Operation, Talk } from './operation.ts';
import { access } from './operations/access.ts';
import { call, predict } from './operations/call.ts';
import { countedCall, countedPredict } from './operations/counted/call.ts';
import { countedGap } from './operations/counted/gap.ts';
import { countedObserve } from './operations/counted/observe.ts';
import { countedRead } from './operations/counted/read.ts';
import { countedRestore, countedSnapshot } from './operations/counted/snapshot.ts';
import { end } from './operations/end.ts';
import { gap } from './operations/gap.ts';
import { helloBeside } from './operations/hello.ts';
import { mem } from './operations/mem.ts';
import { nestedState } from './operations/nested-state.ts';
import { observe } from './operations/observe.ts';
import { read } from './operations/read.ts';
import { restore, snapshot } from './operations/snapshot.ts';
import { violation } from './operations/violation.ts';
import { walk } from './operations/walk.ts';

const others = [
  call,
  predict,
  observe,
  access,
  violation,
  walk,
  nestedState,
  gap,
  read,
  mem,
  snapshot,
  restore,
  end,
] as const;

/** What can be asked about a machine on which shares are counted; walks depend on no page state. */
const counting = [
  countedCall,
  countedPredict,
  countedObserve,
  countedGap,
  countedRead,
  countedSnapshot,
  countedRestore,
  walk,
  nestedState,
  mem,
  end,
] as const;

const hello = helloBeside({
  pages: others.map(({ name }) => name),
  counted: counting.map(({ name }) => name),
});

/** The operations of the protocol: one file each, and a line here. */
export const protocolOperations: readonly Operation[] = [hello, ...others];
/** Those of implementations that count. */
export const countedOperations: readonly Operation[] = [hello, ...counting];

const calls: ReadonlySet<string> = new Set(operationNames);
const byName = new Map(protocolOperations.map(one => [one.name, one]));
const countedByName = new Map(countedOperations.map(one => [one.name, one]));

const isCall = (name: string, { counted }: Talk): boolean =>
  counted === undefined ? calls.has(name) : counted.conversation.model.shapeOf(name) !== undefined;

/** The operation of this name. A call written down as in a vector names itself. */
export const operationNamed = (name: string, talk: Talk): Operation | undefined =>
  (talk.counted === undefined ? byName : countedByName).get(isCall(name, talk) ? call.name : name);

/** The request as its operation's schema has it: a call that names itself is one of that name. */
export const spelledOut = (
  name: string,
  request: Readonly<Record<string, unknown>>,
  talk: Talk,
): Readonly<Record<string, unknown>> =>
  isCall(name, talk) ? { ...request, op: call.name, name } : request;

/** All requests as one schema, for `pagewarden schema request`. */
export const requestSchema = z
  .discriminatedUnion('op', [hello.schema, ...others.map(({ schema }) => schema)])
  .meta({ id: 'request', title: 'One line to the oracle' });

/** The same of implementations that count, for `pagewarden schema counted-request`. */
export const countedRequestSchema = z
  .discriminatedUnion('op', [hello.schema, ...counting.map(({ schema }) => schema)])
  .meta({
    id: 'counted-request',
    title: 'One line to the oracle, about a machine on which shares are counted',
  });
