import { z } from 'zod';
import {
  type Implementation,
  implementationNamed,
  implementations,
  implementationSchema,
} from '../../implementations/index.ts';
import {
  type CountedImplementation,
  countedImplementationNamed,
  countedImplementations,
} from '../../counted/index.ts';
import { countedMachineFrom } from '../counted/machine.ts';
import { limits } from '../limits.ts';
import {
  machineFields,
  machineFrom,
  machineIn,
  type MachineInput,
  machineSchema,
  positionsIn,
} from '../machine.ts';
import {
  type Answer,
  envelope,
  type Operation,
  refuse,
  type Refusal,
  sessionOperation,
  type Talk,
} from '../operation.ts';

const protocolVersion = 1;

const named = z.union([z.string(), implementationSchema]).optional();

const schema = z.strictObject({
  ...envelope('hello'),
  protocol: z.literal(protocolVersion).optional(),
  implementation: named,
  profile: named.describe('the name that "implementation" had before; it goes with the next protocol'),
  machine: machineSchema.optional(),
  ...machineFields,
});

type AnyImplementation = Implementation | CountedImplementation;

/** `undefined` where no implementation has this name. */
const implementationOf = (asked: string | AnyImplementation): AnyImplementation | undefined =>
  typeof asked === 'string' ? (implementationNamed(asked) ?? countedImplementationNamed(asked)) : asked;

/** The operations that there are beside `hello`, of page states and of machines that count. */
export interface OtherOperations {
  readonly pages: readonly string[];
  readonly counted: readonly string[];
}

function begin(talk: Talk, implementation: AnyImplementation, described: MachineInput): string | undefined {
  if ('machine' in implementation) {
    const machine = countedMachineFrom(described);
    if (typeof machine === 'string') return machine;
    talk.begin({ implementation, machine });
    return undefined;
  }
  const machine = machineFrom(described);
  if (typeof machine === 'string') return machine;
  talk.begin(undefined);
  talk.conversation.begin(machine, implementation, positionsIn(described));
  return undefined;
}

function greeted(talk: Talk, others: OtherOperations): Answer {
  const { name } = talk.counted?.implementation ?? talk.conversation.implementation;
  return {
    protocol: protocolVersion,
    implementation: name,
    profile: name,
    dialect: talk.counted?.hash ?? talk.conversation.hash,
    ops: ['hello', ...(talk.counted === undefined ? others.pages : others.counted)],
    ...(talk.counted === undefined ? {} : { calls: talk.counted.conversation.model.names }),
    limits,
  };
}

/** Starts over, on the machine that is described. */
export const helloBeside = (others: OtherOperations): Operation =>
  sessionOperation({
    schema,
    help: `{"protocol": 1, "implementation", "machine": {"ram": [["0x0", "0x200000"]], "vms": [{"id": 2, "kind":
"protected"}], "pages", "gpas", "initially"}}; kinds: protected, normal, any`,
    answer: (request, talk): Answer | Refusal => {
      const current = talk.counted?.implementation ?? talk.conversation.implementation;
      const implementation = implementationOf(request.implementation ?? request.profile ?? current);
      if (implementation === undefined) {
        const names = [...implementations, ...countedImplementations].map(({ name }) => name).join(', ');
        return refuse(`hello: implementation: there is none of this name; there are ${names}`);
      }
      const wrong = begin(talk, implementation, machineIn(request));
      return wrong === undefined ? greeted(talk, others) : refuse(`hello: ${wrong}`);
    },
  });
