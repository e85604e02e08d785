import type { Instance, Property, Read } from '../checker/index.ts';
import { facts } from '../model/citation.ts';
import { addressHex } from '../model/bits/index.ts';
import { OwnerId, viewOf } from '../model/pkvm/index.ts';
import type { IsolationView, VmLife } from './isolation-view.ts';
import { all, always, recoverable, sometimes } from './sentence.ts';
import { pkvmInvariant } from './origin.ts';

/** What must be true of VMs that come and go. */
export function lifeProperties(view: IsolationView): readonly Property[] {
  if (!view.hasLifecycle) return [];
  const everyVm = (
    holds: Instance['holds'] extends (read: Read) => infer V ? (vm: VmLife, read: Read) => V : never,
  ) => view.lives.map((vm): Instance => ({ about: `VM ${vm.id}`, holds: read => holds(vm, read) }));
  const isIn = (state: string): Instance[] => everyVm((vm, read) => vm.state(read) === state);

  return [
    always(
      'a VM that is gone owns no page, maps none, and is run by no CPU',
      pkvmInvariant('I17'),
      everyVm((vm, read) => {
        if (vm.state(read) !== 'absent') return true;
        return all([
          ...view
            .ownedBy(read, vm.id)
            .map(page => [false, `the host EPT records it as owner of ${addressHex(page)}`] as const),
          ...view.mappedBy(read, vm.id).map(gpa => [false, `its table maps ${addressHex(gpa)}`] as const),
          [!view.isRun(read, vm.id), 'a CPU runs it'],
        ]);
      }),
    ),
    always(
      'a VM that is gone leaves no translation behind for the next one with its id',
      pkvmInvariant('I17'),
      view.lives.flatMap(vm =>
        vm.ways.map(way => ({
          about: way.about,
          holds: (read: Read) => way.reaches(read) === undefined || vm.state(read) !== 'absent',
        })),
      ),
    ),
    always(
      'the structures of a VM lie in a page of the hypervisor from its creation to its end',
      { source: facts.pkvm('1.1', 'shadow VM/VCPU creation') },
      everyVm((vm, read) => {
        const page = vm.structures(read);
        const exists = vm.state(read) !== 'absent';
        if (!exists)
          return all([[page === 0n, `it has structures at ${addressHex(page)} and does not exist`]]);
        const { isPresent, ownerId } = viewOf(view.hostLeaf(read, page));
        return all([
          [!isPresent && ownerId === OwnerId.PKVM_ID_HYP, `${addressHex(page)} is not the hypervisor's`],
          [view.contents(read, page) === 'hyp', `${addressHex(page)} holds ${view.contents(read, page)}`],
        ]);
      }),
    ),
    always(
      'a VM that is being torn down is run by no CPU',
      { source: facts.pkvm('1.1', 'VM teardown') },
      everyVm((vm, read) => vm.state(read) !== 'dying' || !view.isRun(read, vm.id)),
    ),
    sometimes('a VM is pre-populated before its first run', pkvmInvariant('I8'), isFilled(view)),
    sometimes('a VM is being torn down', { source: facts.pkvm('1.1', 'VM teardown') }, isIn('dying')),
    sometimes(
      'a VM is being torn down while its table still maps a page',
      { source: facts.pkvm('1.1', 'VM teardown') },
      everyVm((vm, read) => vm.state(read) === 'dying' && view.mappedBy(read, vm.id).length > 0),
    ),
    recoverable(
      'every VM can be torn down',
      pkvmInvariant('I17'),
      everyVm((vm, read) => vm.state(read) === 'absent'),
    ),
  ];
}

const isFilled = (view: IsolationView): Instance[] =>
  view.lives
    .filter(({ kind }) => kind === 'protected')
    .map(vm => ({
      about: `VM ${vm.id}`,
      holds: read => vm.state(read) === 'created' && view.mappedBy(read, vm.id).length > 0,
    }));
