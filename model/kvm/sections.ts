import type { State } from './cell.ts';
import type { Kvm, Section } from './kvm.ts';

/** An ioctl that works in locked sections. */
export interface SectionedIoctl<Request> {
  /** As `Vm.ioctl` calls it while it is in flight. */
  readonly name: string;
  readonly sections: readonly Section<Request>[];
  readonly request: Request;
}

const inFlight = (name: string, at: number): string => `${name}, after section ${at}`;

/** The section that an ioctl in flight comes to next; `undefined` where it is not in flight. */
export function nextSection<R>({ name, sections }: SectionedIoctl<R>, ioctl: string): number | undefined {
  const at = sections.findIndex((_, i) => i > 0 && ioctl === inFlight(name, i));
  return at < 0 ? undefined : at;
}

/**
 * Runs one section under `mmu_lock`, which must be free or held by this ioctl. Returns what the ioctl returns where
 * this was the last section or a failure, and the section's name where it is still in flight.
 */
export function runSection<R>(
  kvm: Kvm,
  state: State,
  ioctl: SectionedIoctl<R>,
  at: number,
): number | string {
  const section = ioctl.sections[at];
  if (section === undefined) throw new RangeError(`${ioctl.name} has no section ${at}`);
  const result = section.run(kvm, state, ioctl.request);
  const isOver = result < 0 || at + 1 === ioctl.sections.length;
  const keeps = !isOver && section.keepsLock;
  state.set(kvm.vm.ioctl, isOver ? 'none' : inFlight(ioctl.name, at + 1));
  state.set(kvm.vm.mmuLock, keeps ? 'ioctl' : 'free');
  return isOver ? result : `in flight: ${section.name}`;
}

/** Whether an ioctl may start: it takes `slots_lock` first and `mmu_lock` then. */
export const mayStart = ({ vm }: Kvm, state: State): boolean =>
  state.get(vm.ioctl) === 'none' && state.get(vm.mmuLock) === 'free';
