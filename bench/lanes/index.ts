export { type LaneAccess, laneAccess } from './lane-access.ts';
export { asPhysicalMemory, type LaneMemory, laneMemory, writeWord } from './lane-memory.ts';
export { LaneWalker } from './lane-walk.ts';
