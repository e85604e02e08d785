import type { Property } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { ViolationQualification } from '../../model/ept/qualification.ts';
import { OwnerId, PAGE_SIZE, viewOf } from '../../model/pkvm/index.ts';
import { all, eachStep } from '../sentence.ts';
import { rule } from './rule.ts';
import type { GuardedView } from './view.ts';

/** Who sets vectors. */
export const held = (view: GuardedView): Property[] => [
  eachStep(
    "a vector is set by the party that holds the guest's interface, and by nobody else",
    rule(1, 'One party holds the interface'),
    ({ action, result }) => {
      const set = view.setBy(action);
      if (set === undefined || (typeof result === 'number' && result < 0)) return true;
      const { guestPage, by, holder } = set;
      return all([[by === holder, `party ${by} sets the vector of ${guestPage.about}`]]);
    },
  ),
];

/** What is told of a denied write. */
export function told(view: GuardedView): Property[] {
  const mask = ViolationQualification.encode({ read: true, write: true, execute: true });
  return [
    eachStep(
      'of a denied write of a protected guest the host is told only where nothing is mapped, and only which page and how',
      rule(10, 'A denial is told to the holder'),
      ({ action, before }) => {
        const write = view.writeOf(action);
        const report = write?.report(before);
        if (write === undefined || report?.to !== OwnerId.PKVM_ID_HOST) return true;
        const { vm } = write.guestPage;
        if (vm.kind !== 'protected') return true;
        const { address, qualification } = report;
        return all([
          [
            !viewOf(write.guestPage.leaf(before)).isPresent,
            'the host learns of a page that the guest holds',
          ],
          [address % PAGE_SIZE === 0n, `it is told the address ${addressHex(address)}`],
          [(qualification & ~mask) === 0n, `it is told the qualification ${addressHex(qualification)}`],
        ]);
      },
    ),
  ];
}
