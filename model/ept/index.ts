export {
  EptMemoryType,
  EptPde,
  EptPde2M,
  EptPdpte,
  EptPdpte1G,
  EptPml4e,
  EptPml5e,
  EptPte,
} from './entry.ts';
