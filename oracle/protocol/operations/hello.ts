import { z } from 'zod';
import {
  type Implementation,
  implementationNamed,
  implementations,
  implementationSchema,
} from '../../implementations/index.ts';
import { limits } from '../limits.ts';
import { machineFields, machineFrom, machineIn, machineSchema, positionsIn } from '../machine.ts';
import { envelope, type Operation, operation, refuse } from '../operation.ts';

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

/** `undefined` where no implementation has this name. */
const implementationOf = (asked: string | Implementation): Implementation | undefined =>
  typeof asked === 'string' ? implementationNamed(asked) : asked;

/** Starts over, on the machine that is described. `others` are the names of the other operations. */
export const helloBeside = (others: readonly string[]): Operation =>
  operation({
    schema,
    help: `{"protocol": 1, "implementation", "machine": {"ram": [["0x0", "0x200000"]], "vms": [{"id": 2, "kind":
"protected"}], "pages", "gpas", "initially"}}; kinds: protected, normal, any`,
    answer: (request, conversation) => {
      const asked = request.implementation ?? request.profile ?? conversation.implementation;
      const implementation = implementationOf(asked);
      if (implementation === undefined) {
        const names = implementations.map(({ name }) => name).join(', ');
        return refuse(`hello: implementation: there is none of this name; there are ${names}`);
      }
      const described = machineIn(request);
      const machine = machineFrom(described);
      if (typeof machine === 'string') return refuse(`hello: ${machine}`);
      conversation.begin(machine, implementation, positionsIn(described));
      const { name } = implementation;
      return {
        protocol: protocolVersion,
        implementation: name,
        profile: name,
        dialect: conversation.hash,
        ops: ['hello', ...others],
        limits,
      };
    },
  });
