import type { Instance, Property } from '../checker/index.ts';
import {
  type Kvm,
  KvmSpte,
  type PageLife,
  pageLife,
  shadowLeaf,
  type VcpuPhase,
} from '../model/kvm/index.ts';
import { isQuiescent, vectorPermits } from './spp-kvm-enforcement.ts';
import { recoverable, sometimes } from './sentence.ts';
import { frameName, viewOf } from './kvm-sources.ts';
import { seed, facts } from '../model/citation.ts';

/** What has to be reachable for the other sentences to say anything, and what can always be reached again. */

const stateMachine = { source: facts.eptSpp('3.2', 'Per-gfn state machine') };

const isIn = (kvm: Kvm, life: PageLife): readonly Instance[] =>
  kvm.vm.shape.gfns.map(gfn => ({
    about: frameName(gfn),
    holds: read => pageLife(kvm, viewOf(read), gfn) === life,
  }));

const isDoing = (kvm: Kvm, phase: VcpuPhase): readonly Instance[] =>
  kvm.vm.vcpus.map(vcpu => ({ about: vcpu.name, holds: read => read(vcpu.phase) === phase }));

/** A vCPU is in an EPT violation that bit 61 of the leaf would explain, and the vector would not. */
const outdated = (kvm: Kvm): readonly Instance[] =>
  kvm.vm.vcpus.map(vcpu => ({
    about: vcpu.name,
    holds: read => {
      if (read(vcpu.phase) !== 'EPT violation') return false;
      const view = viewOf(read);
      const access = kvm.vm.accessNamed(read(vcpu.access));
      const leaf = shadowLeaf(kvm, view, access.gfn);
      const hasBit61 = KvmSpte.get(leaf?.spte ?? 0n, 'subPageWrite');
      return access.writes && hasBit61 && vectorPermits(kvm, view, access);
    },
  }));

export interface Reachable {
  readonly logging: boolean;
  readonly tracking: boolean;
  readonly large: boolean;
  readonly sections: boolean;
  /**
   * Someone but the vCPU itself can map a page between its exit and KVM's handling of it, and some vector permits
   * one write to the page and denies another.
   */
  readonly races: boolean;
}

export function reached(
  kvm: Kvm,
  { logging, tracking, large, sections, races }: Reachable,
): readonly Property[] {
  const { vm, revision } = kvm;
  const lives: readonly PageLife[] = [
    'plain',
    'lazy pending',
    ...(revision.setOnMapped === 'eager' ? [] : (['marked-miss'] as const)),
    'armed',
    ...((logging || tracking) && revision.savesSpp ? (['saved'] as const) : []),
  ];
  const retries: VcpuPhase = revision.skipsInstruction ? 'in user space, RIP moved' : 'in user space';
  return [
    ...lives.map(life => sometimes(`a page is ${life}`, stateMachine, isIn(kvm, life))),
    ...(revision.setOnMapped === 'eager'
      ? []
      : [sometimes('a guest write misses in the SPPT', stateMachine, isDoing(kvm, 'SPP miss'))]),
    sometimes('a denied write is told to user space', stateMachine, isDoing(kvm, retries)),
    ...(large
      ? [
          sometimes('a large page maps the guest', { source: facts.eptSpp('3.2', 'map any size') }, [
            {
              about: '',
              holds: read => vm.shape.gfns.some(gfn => shadowLeaf(kvm, viewOf(read), gfn)?.size === '2M'),
            },
          ]),
        ]
      : []),
    ...(sections
      ? [
          sometimes('an ioctl is between two of its sections', { source: facts.eptSpp('3.2', 'SET') }, [
            { about: '', holds: read => read(vm.ioctl) !== 'none' },
          ]),
        ]
      : []),
    ...(races
      ? [
          sometimes(
            'an EPT violation on a protected page is out of date: by now the vector permits the write',
            { source: seed('002', 'if (spte & PT_SPP_MASK)') },
            outdated(kvm),
          ),
        ]
      : []),
    recoverable(
      'every page can be unprotected again, with nothing in flight and every vCPU in the guest',
      { source: facts.eptSpp('4', 'K7') },
      [
        {
          about: '',
          holds: read => {
            const view = viewOf(read);
            const free = vm.shape.gfns.every(gfn => ['plain', 'off'].includes(pageLife(kvm, view, gfn)));
            return (
              free && isQuiescent(kvm, view) && vm.vcpus.every(vcpu => read(vcpu.phase) === 'in guest')
            );
          },
        },
      ],
    ),
  ];
}
