import type {
  Call,
  CountedOperationName,
  CountedRules,
  Step,
  Unit,
} from '../../../model/pkvm/counted/index.ts';

/** What a fault makes of the steps of one operation. */
type Change = (steps: readonly Step[], call: Call) => readonly Step[];

/** Changes the steps of these operations; what other faults did before is kept. */
export const inSteps =
  (names: readonly CountedOperationName[], change: Change) =>
  ({ steps }: CountedRules): Partial<CountedRules> => ({
    steps: (operation, own, call) => {
      const before = steps(operation, own, call);
      return before.length > 0 && names.some(name => name === operation) ? change(before, call) : before;
    },
  });

/** Leaves checks of an operation out. */
export const withoutChecks =
  (names: readonly CountedOperationName[], checks: readonly string[]) =>
  ({ isAsked }: CountedRules): Partial<CountedRules> => ({
    isAsked: (operation, check) =>
      isAsked(operation, check) && !(names.some(name => name === operation) && checks.includes(check.name)),
  });

/** Without the step of that name. */
export const leftOut =
  (name: string): Change =>
  steps =>
    steps.filter(own => own.name !== name);

/** The step of that name does something else. */
export const replaced =
  (name: string, run: (step: Step) => Step['run']): Change =>
  steps =>
    steps.map(step => (step.name === name ? { ...step, run: run(step) } : step));

/** The step is done, and what it should flush is not. */
export const unflushed = (name: string): Change =>
  replaced(name, ({ run }) => (unit, call, effects) => {
    const failed = run(unit, call, { ...effects, flushes: [] });
    return failed;
  });

/** A step of a fault's own. */
export const step = (name: string, about: string, run: Step['run']): Step => ({ name, about, run });

/** Only the first page of a unit. */
export const firstPage = (unit: Unit): Unit => ({ ...unit, size: 0x1000n });
