import { emulatedWriteDenied } from './emulate.ts';
import { enable } from './enable.ts';
import type { KvmRevision, Steps } from './kvm.ts';
import { emulateWrite } from './handle-exit.ts';
import { forgetMemslot } from './memslot.ts';
import { fastPageFault, installLeaf, isDenied, mappingLevel } from './page-fault.ts';
import { createOtherVcpu } from './other-vm.ts';
import { revision } from './revision.ts';
import { freeRoots } from './roots.ts';
import { afterFault, enterRun, handleMiss } from './spp-exit.ts';
import { checkSet, regionsToFlush, setSections, updateMappings, writeVectors } from './subpage-access.ts';
import { copySubpageArgument } from './subpage-argument.ts';
import { flushRemoteTlbs } from './tlb.ts';
import { loggingSections, writeProtected } from './tracking.ts';
import { spread } from './vector.ts';

/** KVM's decisions as they should be: those of the latest revision, without the faults of facts 5. */
export const correctSteps: Steps = {
  enable,
  copyArgument: copySubpageArgument,
  checkSet,
  setSections,
  loggingSections,
  regionsToFlush,
  writeVectors,
  updateMappings,
  fastPageFault,
  isDenied,
  mappingLevel,
  installLeaf,
  finishInstall: () => ({ kind: 'retry', did: 'nothing to do' }),
  handleMiss,
  afterFault,
  enterRun,
  emulateWrite,
  emulatedWriteDenied,
  writeProtected,
  freeRoots,
  forgetMemslot,
  createOtherVcpu,
  flushRemoteTlbs,
  spread,
};

/**
 * The revision that is proven: v12, but that the emulator asks for each sub-page as the hardware does (K9), and that
 * deleting one memslot leaves SPP on for the others (K12: v3 to v11 do the same).
 */
export const normativeRevision: KvmRevision = {
  ...revision('v12'),
  name: 'normative',
  emulation: 'each sub-page',
  memslotDeleteDeactivates: false,
};
