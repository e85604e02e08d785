import type { Property, Step } from '../checker/index.ts';
import { getAccess, type Kvm, type SetRequest, type VcpuCells, type View } from '../model/kvm/index.ts';
import { vectorPermits } from './spp-kvm-enforcement.ts';
import { all, always, eachStep } from './sentence.ts';
import { frameName, viewOf } from './kvm-sources.ts';
import { sppInvariant } from './origin.ts';
import { facts } from '../model/citation.ts';

/** What user space can rely on: facts 4, K1, K6, K8 and K10. */

/** What a system tells these sentences about its steps. */
export interface SppKvmSteps {
  /** The SET that a step ends, with the pages that it returns as done. */
  setEnded(step: Step): SetRequest | undefined;
  /** The SET of which a step runs a section, the last one included. */
  setRunning(step: Step): SetRequest | undefined;
  /** The SETs in flight before a step or started by it cover this frame. */
  setCovers(view: View, gfn: bigint): boolean;
}

function settingAndGetting(kvm: Kvm, { setEnded, setRunning }: SppKvmSteps): readonly Property[] {
  const vectors = kvm.vm.shape.gfns.map(gfn => ({ gfn, cell: kvm.vm.frame(gfn).vector }));
  return [
    eachStep(
      'what SET returned as done, GET gives back',
      sppInvariant('K1', 'get(set(m)) = m for all covered pages'),
      step => {
        const request = setEnded(step);
        if (request === undefined) return true;
        const { result, accessMap } = getAccess(kvm, viewOf(step.after), request);
        const same = request.accessMap.every((vector, i) => accessMap[i] === vector);
        return all([[result === request.npages && same, `GET gives ${accessMap.join(' ')}`]]);
      },
    ),
    eachStep(
      'a SET changes the vectors of its own pages only',
      sppInvariant('K1', "no other page's vector changes (frame)"),
      step => {
        const request = setRunning(step);
        if (request === undefined) return true;
        const isOwn = (gfn: bigint): boolean =>
          gfn >= request.gfn && gfn < request.gfn + BigInt(request.npages);
        const stray = vectors.find(({ gfn, cell }) => step.changed.includes(cell) && !isOwn(gfn));
        return all([
          [stray === undefined, `the vector of gfn 0x${(stray?.gfn ?? 0n).toString(16)} changed`],
        ]);
      },
    ),
    eachStep(
      'a call that fails changes nothing',
      sppInvariant('K10', 'SET returning <0 changes nothing'),
      ({ result, changed }) =>
        all([
          [
            typeof result === 'string' || result >= 0 || changed.length === 0,
            `it returned ${result} and changed ${changed.map(({ name }) => name).join(', ')}`,
          ],
        ]),
    ),
  ];
}

/** The access that a step of a vCPU is about: the one it was in, or the one it starts. */
function accessOf({ action, before }: Step, vcpu: VcpuCells): string {
  const named = action.args['access'];
  return typeof named === 'string' ? named : before(vcpu.access);
}

const isHappening = (result: Step['result']): boolean => result === 'written' || result === 'read';

/** The vCPU whose step it is. */
const actorOf = ({ vm }: Kvm, { action }: Step): VcpuCells | undefined =>
  vm.vcpus.find(({ name }) => action.actor.endsWith(name));

/** A revision may skip the instruction; one that does not lets the access be executed again. */
const ripStays = (kvm: Kvm): Property =>
  eachStep(
    'an exit leaves RIP where it is: the access is there to be executed again',
    sppInvariant('K6', 'an exit leaves memory unchanged and (v8+) RIP unchanged'),
    step => {
      const vcpu = actorOf(kvm, step);
      if (vcpu === undefined || isHappening(step.result)) return true;
      const started = step.action.args['access'] !== undefined;
      const name = accessOf(step, vcpu);
      const isMmio = step.result === 'KVM_EXIT 6';
      const kept = step.after(vcpu.access) === name || isMmio || String(step.result).includes(' at 0x');
      return all([
        [kept, `${started ? 'the write' : name} was not done, and RIP has moved past it: it is lost`],
      ]);
    },
  );

function writesAndExits(kvm: Kvm, { setCovers }: SppKvmSteps, keepsRip: boolean): readonly Property[] {
  const { vm, revision } = kvm;
  const sppExit = `KVM_EXIT ${revision.exitNumber}`;
  return [
    eachStep(
      'a guest write happens only where the vector permits it, or where a SET has not returned yet',
      sppInvariant('K2', 'guest write to sub-page i succeeds eventually <=> vec bit i (or vec=FULL)'),
      step => {
        const vcpu = actorOf(kvm, step);
        if (step.result !== 'written' || vcpu === undefined) return true;
        const access = vm.accessNamed(accessOf(step, vcpu));
        const before = viewOf(step.before);
        const permitted = vectorPermits(kvm, before, access) || setCovers(before, access.gfn);
        return all([
          [permitted, `${access.name} happens although the vector denies it and no SET is in flight`],
        ]);
      },
    ),
    eachStep(
      'KVM_EXIT_SPP is told for a write that the vector denies, and for no other',
      sppInvariant('K8', 'no KVM_EXIT_SPP merely because of logging'),
      step => {
        const vcpu = actorOf(kvm, step);
        if (step.result !== sppExit || vcpu === undefined) return true;
        const access = vm.accessNamed(accessOf(step, vcpu));
        const address = step.after(vcpu.sppAddress);
        return all([
          [!vectorPermits(kvm, viewOf(step.before), access), `${access.name} is permitted by the vector`],
          [
            address === access.access.gpa,
            `kvm_run.spp.addr is 0x${address.toString(16)}, the access is at 0x${access.access.gpa.toString(16)}`,
          ],
        ]);
      },
    ),
    ...(keepsRip ? [ripStays(kvm)] : []),
    eachStep(
      'an access that exits has changed no memory',
      sppInvariant('K6', 'an exit leaves memory unchanged'),
      step => {
        const written = vm.shape.gfns.map(gfn => vm.frame(gfn).written);
        const hit = isHappening(step.result)
          ? undefined
          : written.find(cell => step.changed.includes(cell));
        const lands = actorOf(kvm, step) !== undefined && hit !== undefined && step.after(hit);
        return all([[!lands, `${step.result}, and ${hit?.name ?? ''}`]]);
      },
    ),
    eachStep(
      'KVM_RUN brings the vCPU back and never fails',
      { source: facts.eptSpp('5', 'missing slot must not return -EFAULT from an exit handler') },
      step =>
        actorOf(kvm, step) === undefined ||
        all([[typeof step.result === 'string' || step.result >= 0, `it fails with ${step.result}`]]),
    ),
    eachStep(
      'the words that a guest access walks are all there',
      sppInvariant('K11', 'SPPTP in every vCPU = current root'),
      step => all([[!String(step.result).startsWith('unknown'), `the walk ends in: ${step.result}`]]),
    ),
  ];
}

const dirtyLog = (kvm: Kvm): Property =>
  always(
    'a page that the guest has written is in the dirty log',
    sppInvariant('K8', 'a logged page with an allowed sub-page write is reported dirty'),
    kvm.vm.shape.gfns.map(gfn => {
      const { dirty, written } = kvm.vm.frame(gfn);
      return {
        about: frameName(gfn),
        holds: read => all([[!read(written) || read(dirty), 'it was written and is not in the log']]),
      };
    }),
  );

/** An ill-formed argument is refused, or at most does nothing. */
const malformed = eachStep(
  'a SET with an argument that makes no sense changes nothing',
  { source: facts.eptSpp('3.1', 'flags!=0 or npages>512 -> -EINVAL; npages=0 -> 0') },
  ({ action, changed, result }) =>
    action.args['wrong'] === undefined ||
    all([
      [changed.length === 0, `it changed ${changed.map(({ name }) => name).join(', ')}`],
      [typeof result === 'number' && result <= 0, `it returned ${result}`],
    ]),
);

export const userInterface = (
  kvm: Kvm,
  steps: SppKvmSteps,
  options: {
    readonly logging: boolean;
    readonly malformed: boolean;
    /** The revision promises that a denied write can be executed again. */
    readonly keepsRip: boolean;
  },
): readonly Property[] => [
  ...settingAndGetting(kvm, steps),
  ...writesAndExits(kvm, steps, options.keepsRip),
  ...(options.logging ? [dirtyLog(kvm)] : []),
  ...(options.malformed ? [malformed] : []),
];
