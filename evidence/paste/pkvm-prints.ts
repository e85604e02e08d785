import { hexOf, type FactContent, type LineReader } from './fact.ts';

const H = '0x([0-9a-f]{1,16})';
const touched = new RegExp(
  `(?:Host access(?: to)? protected memory(?: at)?:?|not handle for memory address) ${H}`,
  'i',
);
const mapFailed = new RegExp(
  `(?:pgstate_pgt_map_leaf failed: ret (-?\\d+)|vm_mmu_map failed ret=(-?\\d+)).*?HPA ${H}`,
  'i',
);
const hpaFailed = new RegExp(`pgstate_pgt map gpa ${H} hpa ${H} size ${H} failed`, 'i');
const callFailed = new RegExp(
  `(?:__?pkvm_\\w+|do_donate:|do_share:|host_initiate_donation).*?(?:failed ret=|ret=)(-?\\d+)`,
  'i',
);
const mismatch =
  /pgstate (?:owner )?mismatch: phys=0x([0-9a-f]{1,16})|pgstate refcount nonzero: phys=0x([0-9a-f]{1,16})/i;

/** pKVM's own messages, of today's trees and before. facts/pkvm-2026.md 3. */
export const pkvmPrints: LineReader = {
  name: 'pKVM message',
  about: 'what pKVM itself prints when the host touches protected memory or a call fails',
  sample: [
    'pkvm: Host access protected memory: 0x12345000',
    'pkvm_pgstate_pgt_map_leaf failed: ret -1 vm_type 0 L2 GPA 0xfffec000 level 1 HPA 0x4105224000 prot 0x7',
    'pkvm: pgstate mismatch: phys=0x12345000 host_state=1 expected_mask=0x2',
  ],
  read({ text }): readonly FactContent[] | undefined {
    const address = touched.exec(text)?.[1];
    if (address !== undefined)
      return [{ kind: 'pkvm', what: 'host touched protected memory', address: hexOf(address) }];
    const [, ret, otherRet, hpa] = mapFailed.exec(text) ?? [];
    if (hpa !== undefined)
      return [{ kind: 'pkvm', what: 'map failed', address: hexOf(hpa), ret: Number(ret ?? otherRet) }];
    const [, , page] = hpaFailed.exec(text) ?? [];
    if (page !== undefined) return [{ kind: 'pkvm', what: 'map failed', address: hexOf(page) }];
    const [, one, other] = mismatch.exec(text) ?? [];
    if (one !== undefined || other !== undefined)
      return [{ kind: 'pkvm', what: 'page state mismatch', address: hexOf(one ?? other ?? '0') }];
    const failed = callFailed.exec(text)?.[1];
    if (failed !== undefined) return [{ kind: 'pkvm', what: 'call failed', ret: Number(failed) }];
    return /^No (?:page-table page|valid range found) to map host GPA/.test(text) ? [] : undefined;
  },
};
