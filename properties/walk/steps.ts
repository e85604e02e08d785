import type { Property, Step, Verdict } from '../../checker/index.ts';
import { EptPte, Eptp } from '../../model/ept/index.ts';
import { sppInvariant } from '../origin.ts';
import { eachStep } from '../sentence.ts';
import { isWrite } from './situation.ts';
import type { ViewedWalk } from './view.ts';

/** What a step changes in the tables: H9. */
export function writeProperties(view: ViewedWalk): readonly Property[] {
  const isEpt = new Set(view.eptWords.map(address => view.slotAt(address)));
  const isRefused = (result: unknown): boolean =>
    !String(result).startsWith('allowed') && !String(result).startsWith('virtualization_exception');
  return [
    eachStep(
      'an access that is not allowed changes no word, unless it becomes a virtualization exception',
      sppInvariant('H9', 'memory not written by a non-allowed access'),
      ({ action, result, changed }: Step): boolean =>
        action.name !== 'access' || !isRefused(result) || changed.length === 0,
    ),
    eachStep(
      'an allowed access sets the accessed flag of every entry used, and the dirty flag of the leaf for a write',
      sppInvariant('H9', 'D set only for an allowed write'),
      step => flagsAreRight(view, step),
    ),
    eachStep(
      'an access writes to an EPT entry nothing but its accessed and dirty flags',
      sppInvariant('H9', 'D set only for an allowed write'),
      ({ action, before, after, changed }: Step): boolean =>
        action.name !== 'access' ||
        changed.every(slot => {
          if (![...isEpt].some(one => one === slot)) return true;
          const [was, is] = [before(slot), after(slot)];
          if (typeof was !== 'bigint' || typeof is !== 'bigint') return false;
          const { accessed, dirty } = EptPte.decode(is);
          return EptPte.with(was, { accessed, dirty }) === is;
        }),
    ),
  ];
}

/** Reads the words of the walk before and after the step, as far as the walk went. */
function flagsAreRight(view: ViewedWalk, step: Step): boolean | Verdict {
  const one = view.accesses.find(
    ({ name }) => step.action.name === 'access' && name === step.action.args['access'],
  );
  if (one === undefined || !String(step.result).startsWith('allowed')) return true;
  const cpu = view.cpu(step.before);
  const enabled = Eptp.get(cpu.eptp, 'accessedDirty');
  const writes = isWrite(one.access) || (enabled && one.access.pageWalk && one.access.linearValid);
  const leafLevel = Number(/L(\d)/.exec(String(step.result))?.[1]);
  const used = view.eptWords.slice(0, view.eptWords.length - leafLevel + 1);
  for (const [i, address] of used.entries()) {
    const slot = view.slotAt(address);
    if (slot === undefined) return { holds: false, why: `no word at 0x${address.toString(16)}` };
    const [was, is] = [step.before(slot), step.after(slot)];
    const isLeaf = i === used.length - 1;
    const wanted = EptPte.with(was, {
      accessed: enabled || EptPte.get(was, 'accessed'),
      dirty: (enabled && isLeaf && writes) || EptPte.get(was, 'dirty'),
    });
    if (is !== wanted)
      return { holds: false, why: `${slot.name} is 0x${is.toString(16)}, not 0x${wanted.toString(16)}` };
  }
  return true;
}
