import type { Property, Read, Step } from '../../checker/index.ts';
import { EptPte, translate, VeInfoHeader } from '../../model/ept/index.ts';
import { eachStep } from '../sentence.ts';
import type { ViewedWalk } from './view.ts';
import { facts } from '../../model/citation.ts';

const accessOf = (view: ViewedWalk, { action }: Step): ViewedWalk['accesses'][number] | undefined =>
  view.accesses.find(({ name }) => action.name === 'access' && name === action.args['access']);

const wordAt = (view: ViewedWalk, read: Read, address: bigint): bigint | undefined => {
  const slot = view.slotAt(address);
  return slot === undefined ? undefined : read(slot);
};

/** Whether the step set the dirty flag of an entry. */
const setsDirty = (view: ViewedWalk, { before, after }: Step): boolean =>
  view.eptWords.some(address => {
    const slot = view.slotAt(address);
    return slot !== undefined && !EptPte.get(before(slot), 'dirty') && EptPte.get(after(slot), 'dirty');
  });

/** What the processor writes beside the tables: the page-modification log, the virtualization-exception area. */
export const logProperties = (view: ViewedWalk): readonly Property[] => [
  eachStep(
    'a page is logged, and the index goes down by one, exactly where its dirty flag goes from 0 to 1',
    { id: 'H9', source: facts.eptSpp('4', 'PML entry iff D 0->1') },
    step => {
      const one = accessOf(view, step);
      const { pmlIndex } = view;
      if (one === undefined || pmlIndex === undefined) return true;
      const cpu = view.cpu(step.before);
      const [was, is] = [step.before(pmlIndex), step.after(pmlIndex)];
      const entry = view.slotAt(cpu.state.pmlAddress + 8n * was);
      if (!setsDirty(view, step))
        return is === was && (entry === undefined || !step.changed.includes(entry));
      const page = one.access.gpa - (one.access.gpa % 4096n);
      return is === (was === 0n ? 0xffffn : was - 1n) && entry !== undefined && step.after(entry) === page;
    },
  ),
  eachStep(
    'an access with a flag to set and no room in the log is a page-modification log-full event',
    { id: 'H9', source: facts.eptSpp('2', 'PML index > 511 -> exit 62 with nothing set') },
    step => {
      const { pmlIndex } = view;
      if (accessOf(view, step) === undefined || pmlIndex === undefined) return true;
      const isFull = step.before(pmlIndex) > 511n;
      const setsFlag = step.changed.some(slot =>
        view.eptWords.some(address => view.slotAt(address) === slot),
      );
      return !isFull || !setsFlag;
    },
  ),
  eachStep(
    'a virtualization exception fills a free information area with reason, qualification and addresses',
    { source: facts.eptSpp('2', '32 bits at VE-info+4 zero') },
    step => {
      const one = accessOf(view, step);
      if (one === undefined || !String(step.result).startsWith('virtualization_exception')) return true;
      const cpu = view.cpu(step.before);
      const at = cpu.state.veInfoAddress;
      const memory = view.memory(step.before);
      const outcome = translate(memory, cpu, one.access, view.rules);
      const before = memory.read(at);
      return (
        'qualification' in outcome &&
        before !== undefined &&
        VeInfoHeader.get(before, 'busy') === 0 &&
        wordAt(view, step.after, at) === 0xffff_ffff_0000_0030n &&
        wordAt(view, step.after, at + 8n) === outcome.qualification &&
        wordAt(view, step.after, at + 16n) === one.access.gla &&
        wordAt(view, step.after, at + 24n) === one.access.gpa
      );
    },
  ),
];
