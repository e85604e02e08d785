import type { CallArguments, OperationName } from '../../model/pkvm/index.ts';
import { operations } from '../../model/pkvm/index.ts';
import { leavesFrom } from '../protocol/leaves-input.ts';
import type { Positions } from '../protocol/machine-input.ts';
import type { RequestOf } from '../protocol/requests.ts';
import type { AccessEvent, CallEvent, ObserveEvent, ViolationEvent } from '../step/index.ts';

/** The arguments of a call, or which one is missing. */
export function callArguments(request: RequestOf<'call'> | RequestOf<'predict'>): CallArguments | string {
  const { name } = request;
  const given = request.args ?? request;
  const { names } = operations[name];
  const needed: readonly (keyof typeof given & ('hpa' | 'gpa' | 'vm' | 'size'))[] = [
    ...(names === 'gpa' ? [] : ['hpa' as const]),
    ...(names === 'hpa' ? [] : ['vm' as const, 'gpa' as const]),
    'size',
  ];
  const missing = needed.find(argument => given[argument] === undefined);
  if (missing !== undefined) return `${name} needs ${missing}`;
  const { hpa, gpa, vm, size = 0n, prot } = given;
  return {
    size,
    ...(hpa === undefined ? {} : { hpa }),
    ...(gpa === undefined ? {} : { gpa }),
    ...(vm === undefined ? {} : { vm }),
    ...(prot === undefined ? {} : { prot }),
  };
}

export interface Call {
  readonly name: OperationName;
  readonly args: CallArguments;
}

/** The event that a request tells of, or what is missing in it. */
export function callEvent(request: RequestOf<'call'>, positions: Positions): CallEvent | string {
  const args = callArguments(request);
  if (typeof args === 'string') return args;
  const leaves = request.leaves === undefined ? undefined : leavesFrom(request.leaves, positions);
  if (typeof leaves === 'string') return leaves;
  return {
    kind: 'call',
    name: request.name,
    args,
    ...(request.ret === undefined ? {} : { ret: request.ret }),
    ...(leaves === undefined ? {} : { leaves }),
  };
}

export function observeEvent(request: RequestOf<'observe'>, positions: Positions): ObserveEvent | string {
  const leaves = leavesFrom(request.leaves, positions);
  return typeof leaves === 'string' ? leaves : { kind: 'observe', leaves };
}

export function accessEvent({
  who,
  kind,
  address,
  gpa,
  outcome,
}: RequestOf<'access'>): AccessEvent | string {
  const at = address ?? gpa;
  if (at === undefined) return 'access needs an address (or gpa)';
  return { kind: 'access', who, access: kind, address: at, ...(outcome === undefined ? {} : { outcome }) };
}

export function violationEvent(request: RequestOf<'violation'>): ViolationEvent | string {
  const { who, address, gpa, result, hpa, size } = request;
  const at = address ?? gpa;
  if (at === undefined) return 'violation needs an address (or gpa)';
  return {
    kind: 'violation',
    who,
    address: at,
    result,
    ...(hpa === undefined ? {} : { hpa }),
    ...(size === undefined ? {} : { size }),
  };
}
