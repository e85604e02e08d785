import { every, type Property, type Read } from '../../checker/index.ts';
import { addressHex } from '../../model/bits/index.ts';
import { isGuarded, OwnerId, showLeaf, viewOf } from '../../model/pkvm/index.ts';
import { all, always, eachStep } from '../sentence.ts';
import { eachGuestPage, rule } from './rule.ts';
import type { GuardedView } from './view.ts';

/** The SPPT's own pages, and the answer to a miss. */
export function sppt(view: GuardedView): Property[] {
  return [
    ...(view.hasDonatedSppt
      ? [
          always(
            "the pages that an SPPT has, and those that a CPU may still walk, are the hypervisor's",
            rule(9, "The SPPT's pages are the hypervisor's"),
            view.sppts.map(({ about, page }) => ({
              about,
              holds: (read: Read) => {
                const found = page(read);
                if (!view.pages.includes(found)) return true;
                const host = view.hostLeaf(read, found);
                const isHyps = !viewOf(host).isPresent && viewOf(host).ownerId === OwnerId.PKVM_ID_HYP;
                return all([
                  [
                    isHyps,
                    `${addressHex(found)} is walked, and its host leaf is ${showLeaf(host, 'host')}`,
                  ],
                ]);
              },
            })),
          ),
          always(
            "the SPPT's page is zero when the host can read it",
            rule(9, 'zero when it comes and when it goes'),
            eachGuestPage(view, (read, page) => {
              const found = view.spptPage(read, page.vm.id);
              const isHosts = viewOf(view.hostLeaf(read, found)).isPresent;
              return all([
                [!isHosts || page.l1e(read) === 0n, `${addressHex(page.l1e(read))} is left in it`],
              ]);
            }),
          ),
          always(
            'a page is guarded only while its guest has an SPPT',
            rule(9, "The SPPT's pages are the hypervisor's"),
            eachGuestPage(view, (read, page) =>
              all([
                [
                  !isGuarded(page.leaf(read)) || view.spptPage(read, page.vm.id) !== 0n,
                  'no miss on it can ever be answered',
                ],
              ]),
            ),
          ),
        ]
      : []),
    eachStep(
      'the answer to a miss arms pages that are guarded, and no other',
      rule(8, 'A miss is answered under the lock'),
      ({ action, after }) => {
        if (!view.isMiss(action)) return true;
        const wrong = every(
          after,
          view.guestPages,
          ({ slot }) => slot,
          page =>
            page.l1e(after) === 0n || isGuarded(page.leaf(after)) || !page.isWalked(after)
              ? undefined
              : `${page.about} gets a vector, and its leaf is ${showLeaf(page.leaf(after), 'guest')}`,
        );
        return all([[wrong === undefined, wrong ?? '']]);
      },
    ),
  ];
}
