import { z } from 'zod';
import { operationNames } from '../../model/pkvm/index.ts';
import type { Operation } from './operation.ts';
import { access } from './operations/access.ts';
import { call, predict } from './operations/call.ts';
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

const hello = helloBeside(others.map(({ name }) => name));

/** The operations of the protocol: one file each, and a line here. */
export const protocolOperations: readonly Operation[] = [hello, ...others];

const calls: ReadonlySet<string> = new Set(operationNames);
const byName = new Map(protocolOperations.map(one => [one.name, one]));

/** The operation of this name. A call written down as in a vector names itself. */
export const operationNamed = (name: string): Operation | undefined =>
  byName.get(calls.has(name) ? call.name : name);

/** The request as its operation's schema has it: a call that names itself is one of that name. */
export const spelledOut = (
  name: string,
  request: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => (calls.has(name) ? { ...request, op: call.name, name } : request);

/** All requests as one schema, for `pagewarden schema request`. */
export const requestSchema = z
  .discriminatedUnion('op', [hello.schema, ...others.map(({ schema }) => schema)])
  .meta({ id: 'request', title: 'One line to the oracle' });
