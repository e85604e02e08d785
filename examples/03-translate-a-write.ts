/**
 * One guest write, through the EPT and the sub-page table, on words as memory holds them. The outcome is a value of
 * a closed union: what the processor does, or which word is not known.
 */
import { cpuWith, guestAccess, sparseMemory, translate } from 'pagewarden';
import { explainOutcome } from 'pagewarden/ept';

const memory = sparseMemory([
  [0x10000n, 0x11007n], // PML4E: read, write, execute
  [0x11000n, 0x12007n], // PDPTE
  [0x12000n, 0x13007n], // PDE
  [0x13018n, 0x2000_0000_1234_5035n], // PTE of page 0x3000: no write right, bit 61: the sub-page table decides
  [0x20000n, 0x21001n], // L4E, L3E, L2E: valid
  [0x21000n, 0x22001n],
  [0x22000n, 0x23001n],
  [0x23018n, 0x5555_5555_5555_5155n], // the vector: every sub-page but number 5
]);
const cpu = cpuWith({ eptp: 0x1001en, spptp: 0x20000n, controls: { spp: true } });

for (const address of [0x3000n, 0x3280n, 0x4000n]) {
  const outcome = translate(memory, cpu, guestAccess('write', address));
  console.log(`0x${address.toString(16)}:`, outcome.kind, 'because', explainOutcome(outcome, cpu).text);
}
// 0x3000: allowed because the vector permits writes to every sub-page touched
// 0x3280: ept_violation because the vector permits no writes to sub-page 5
// 0x4000: unknown because the memory does not hold the EPT PTE at 0x13020, which the walk needs
