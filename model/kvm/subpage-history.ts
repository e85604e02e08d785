import type { StructHistory } from '../bits/index.ts';
import { KvmSubpage, KvmSubpageFixed, KvmSubpageInfo } from './subpage-struct.ts';
import { seed, facts } from '../citation.ts';

export const subpageHistory: StructHistory = {
  name: 'kvm_subpage',
  about: 'what the ioctls that get and set sub-page write permissions take',
  revisions: [
    {
      revision: 'document',
      about: 'the array behind a pointer, as the document has it',
      source: seed('001', 'struct kvm_subpage_info'),
      table: KvmSubpageInfo,
    },
    {
      revision: 'v1 to v7',
      about: 'an array of 64 vectors in the structure',
      source: seed('003', 'struct kvm_subpage'),
      table: KvmSubpageFixed,
      sharedNames: { base_gfn: 'gfn' },
    },
    {
      revision: 'v8 to v12',
      about: 'a field of flags, and as many vectors as pages',
      source: facts.eptSpp('5', 'flags field + flexible array'),
      table: KvmSubpage,
      sharedNames: { gfn_base: 'gfn' },
    },
  ],
};
