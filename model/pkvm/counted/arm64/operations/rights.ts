import { facts } from '../../../../citation.ts';
import { asked } from '../../check.ts';
import { BUG, CountedErrno } from '../../outcome.ts';
import type { Arm64Call, Arm64Unit } from '../call-context.ts';
import {
  executionCanBeSaid,
  insideInputSize,
  notProtected,
  protIsPlain,
  sizeRule,
} from '../checks/guest.ts';
import {
  isAccessed,
  isWritable,
  relaxed,
  showStage2Leaf,
  stage2Value,
  withAccessFlag,
  withoutWrite,
} from '../leaf.ts';
import type { Arm64Step } from '../steps.ts';
import type { Stage2Leaf } from '../table.ts';
import type { Arm64Operation } from './hyp.ts';

/** What changes the rights of a leaf and not its state. facts/arm64-record.md 3. */

const PAGE = 0x1000n;
const rangeOf = ({ ipa, size }: Arm64Unit): readonly [bigint, bigint] => [ipa, size];

/** Whether a walk of the range stays inside the input size. */
const reaches = ({ machine, vm }: Arm64Call, { ipa, size }: Arm64Unit): boolean =>
  ipa + size <= machine.guest(vm).end;

const changesLeaves = (
  name: string,
  about: string,
  change: (word: bigint, call: Arm64Call) => bigint,
  isStale: (word: bigint) => boolean,
): Arm64Step => ({
  name,
  about,
  run: (unit, call, effects) => {
    if (!reaches(call, unit)) return undefined;
    const table = call.machine.guest(call.vm);
    const leaves = [...table.leaves(...rangeOf(unit))];
    table.update(...rangeOf(unit), word => change(word, call));
    if (leaves.some(({ word }) => stage2Value(word).isValid && isStale(word)))
      effects.flushes.push({ who: call.vm, start: unit.ipa, size: unit.size });
    return undefined;
  },
});

const leafIsValid = asked<Stage2Leaf, Arm64Call, Arm64Unit>(
  ({ machine, vm, ipa }) => [machine.guest(vm).leaf(ipa)],
  [
    {
      name: 'leaf.valid',
      answer: CountedErrno.EAGAIN,
      rule: 'the guest has mapped that frame',
      source: facts.arm64Record('3', 'invalid leaf -EAGAIN'),
      holds: ({ word }) => stage2Value(word).isValid,
      found: ({ word }) => `the leaf is ${showStage2Leaf(word)}`,
    },
  ],
);

const never = (): boolean => false;

export const hostRelaxPermsGuest: Arm64Operation = {
  name: 'host_relax_perms_guest',
  caller: 'host',
  about: 'the host grants a guest more of a page that it shares',
  source: facts.arm64Record('3', 'Rights are only added'),
  takes: ['gfn', 'vm', 'prot'],
  returns: 'error',
  bugIn: '__pkvm_host_relax_perms_guest',
  inquiries: () => [
    notProtected,
    protIsPlain,
    executionCanBeSaid,
    insideInputSize(CountedErrno.ERANGE, 1n),
    leafIsValid,
  ],
  steps: () => [
    changesLeaves('guest.relax', 'the leaf grants more', (word, { prot }) => relaxed(word, prot), never),
  ],
};

export const hostWrprotectGuest: Arm64Operation = {
  name: 'host_wrprotect_guest',
  caller: 'host',
  about: 'the host takes the right to write from a guest, of the whole block where there is one',
  source: facts.arm64Record('3', 'nr=1 on a block takes W from the whole block'),
  takes: ['gfn', 'nr', 'vm'],
  returns: 'error',
  bugIn: '__pkvm_host_wrprotect_guest',
  inquiries: () => [notProtected, sizeRule(({ ipa }) => [ipa]), insideInputSize()],
  steps: () => [
    changesLeaves('guest.wrprotect', 'the leaves no longer grant writing', withoutWrite, isWritable),
  ],
};

const testYoung: Arm64Step = {
  name: 'guest.young',
  about: 'the answer is 1 where a leaf was used since, and the flags are cleared where asked for',
  run: (unit, call, effects) => {
    const table = call.machine.guest(call.vm);
    const isYoung = [...table.leaves(...rangeOf(unit))].some(
      ({ word }) => stage2Value(word).isValid && isAccessed(word),
    );
    if (isYoung) effects.result = 1;
    if (isYoung && call.mkold) table.update(...rangeOf(unit), word => withAccessFlag(word, false));
    return undefined;
  },
};

export const hostTestClearYoungGuest: Arm64Operation = {
  name: 'host_test_clear_young_guest',
  caller: 'host',
  about: 'the host asks whether a guest has used pages since',
  source: facts.arm64Record('3', 'AF cleared if mkold, block whole'),
  takes: ['gfn', 'nr', 'vm', 'mkold'],
  returns: 'error',
  bugIn: 'kvm_pgtable_stage2_test_clear_young',
  inquiries: ({ columns }) => [
    notProtected,
    sizeRule(({ ipa }) => [ipa]),
    insideInputSize(columns.youngBeyondEnd === 'BUG' ? BUG : CountedErrno.ERANGE),
  ],
  steps: () => [testYoung],
};

export const hostMkyoungGuest: Arm64Operation = {
  name: 'host_mkyoung_guest',
  caller: 'host',
  about: 'the host says that a guest has used a page; what cannot be found is swallowed',
  source: facts.arm64Record('3', 'mkyoung swallows it (0)'),
  takes: ['gfn', 'vm'],
  returns: 'error',
  bugIn: '__pkvm_host_mkyoung_guest',
  inquiries: () => [notProtected],
  units: ({ ipa, phys }) => [{ ipa, phys, size: PAGE }],
  steps: () => [
    changesLeaves('guest.mkyoung', 'the leaf is used', word => withAccessFlag(word, true), never),
  ],
};
