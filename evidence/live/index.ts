export { gathered, whileStopped } from './fetched-memory.ts';
export { LiveError, type LiveMachine, MachineEnded } from './machine.ts';
export { maxPacketBytes, packetOf, PacketReader, type Received } from './packet.ts';
export {
  readTargetDescription,
  type TargetDescription,
  type TargetRegister,
} from './target-description.ts';
export { type KernelSymbols, physicalOf, readKernelSymbols } from './kernel-symbols.ts';
export {
  type PkvmCall,
  pkvmCallJson,
  pkvmCallLine,
  type PkvmFunction,
  pkvmFunctionNames,
  pkvmFunctions,
} from './pkvm-functions.ts';
