import { type Action, disabled, type Read, type Value, type Write } from '../../checker/index.ts';
import type { Decision } from '../../machines/nested-state/index.ts';
import type { NestedStateVerdict, Vcpu } from '../../model/kvm/nested-state/index.ts';
import type { NestedStateCall } from '../../properties/nested-state-steps.ts';

/** A call that the system makes, the action that makes it, and what the machine answers to it. */
export interface MadeCall {
  readonly call: NestedStateCall;
  readonly action: Action;
  decide(read: Read): Decision;
}

/** A function of the vCPU, computed once for each of the few that a system has. */
export function perVcpu<V extends Vcpu, T>(compute: (vcpu: V) => T): (vcpu: V) => T {
  const known = new Map<string, T>();
  return vcpu => {
    const key = Object.values(vcpu).join();
    const value = known.get(key) ?? compute(vcpu);
    known.set(key, value);
    return value;
  };
}

/** The ioctl as an action: what its checks say, and what a call that ended at one of them does to the slots. */
export const setNestedStateAction = (
  args: Action['args'],
  verdict: (read: Read) => NestedStateVerdict,
  apply: (read: Read, write: Write, rule: string) => void,
): Action => ({
  name: 'KVM_SET_NESTED_STATE',
  actor: 'user space',
  args,
  run: (read, write) => {
    const { errno, rule } = verdict(read);
    apply(read, write, rule);
    return errno;
  },
  explain: read => {
    const { rule, about } = verdict(read);
    return `${rule}: ${about}`;
  },
});

/** Something else that happens to the vCPU, where it can: `run` writes nothing and returns false where it cannot. */
export const happening = (
  name: string,
  actor: string,
  run: (read: Read, write: Write) => boolean,
): Action => ({ name, actor, args: {}, run: (read, write) => (run(read, write) ? 0 : disabled) });

/** A choice as an action's arguments: the fields that differ from the plainest call, under the kernel's names. */
export function argsOf<C extends object>(
  choice: C,
  plain: C,
  names: Readonly<Record<keyof C & string, string>>,
): Record<string, Value> {
  return Object.fromEntries(
    (Object.keys(names) as (keyof C & string)[])
      .filter(field => choice[field] !== plain[field])
      .map(field => [names[field], String(choice[field])]),
  );
}

/** Each choice once, in the order in which it first came. */
export function distinct<C extends object>(choices: Iterable<C>): C[] {
  const seen = new Map<string, C>();
  for (const choice of choices) {
    const key = JSON.stringify(choice);
    if (!seen.has(key)) seen.set(key, choice);
  }
  return [...seen.values()];
}
