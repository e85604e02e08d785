import { type Access, type Cpu, type Outcome, translate } from '../../../model/ept/index.ts';
import { asPhysicalMemory, laneAccess, type LaneMemory, LaneWalker } from '../../../bench/lanes/index.ts';

/** What both walks say of an access, in the same terms. */
interface Said {
  readonly kind: string;
  readonly level?: number;
  readonly qualification?: bigint;
  readonly hpa?: bigint;
  readonly grantedBySpp?: boolean;
  readonly flagWrites?: number;
  readonly address?: bigint;
}

/** How many words the flags need: one for each entry without the accessed flag, or the leaf for its dirty flag. */
function flagWrites(walker: LaneWalker): number {
  const leaf = [0, 1, 2, 4][walker.level] ?? 0;
  const needed = walker.unaccessed | (walker.setsDirty ? leaf : 0);
  return [1, 2, 4, 8, 16].filter(bit => (needed & bit) !== 0).length;
}

function saidByLanes(walker: LaneWalker): Said {
  const { kind, level, qualification, hpa, grantedBySpp, unknownAddress } = walker;
  switch (kind) {
    case 'allowed':
      return { kind, level, hpa: BigInt(hpa), grantedBySpp, flagWrites: flagWrites(walker) };
    case 'unknown':
      return { kind, level, address: BigInt(unknownAddress) };
    case 'vmentry_fail':
      return { kind };
    case 'pml_full':
      return { kind, qualification: BigInt(qualification) };
    default:
      return { kind, level, qualification: BigInt(qualification) };
  }
}

function saidByWalk(outcome: Outcome, cpu: Cpu): Said {
  const { kind } = outcome;
  switch (kind) {
    case 'allowed': {
      const { level, hpa, grantedBySpp, memoryWrites, pmlIndexAfter } = outcome;
      const logged = pmlIndexAfter !== undefined && pmlIndexAfter !== cpu.state.pmlIndex ? 1 : 0;
      return { kind, level, hpa, grantedBySpp, flagWrites: memoryWrites.length - logged };
    }
    case 'unknown':
      return { kind, level: outcome.level, address: outcome.address };
    case 'vmentry_fail':
      return { kind };
    case 'pml_full':
      return { kind, qualification: outcome.qualification };
    default:
      return { kind, level: outcome.level, qualification: outcome.qualification };
  }
}

/** What the two walks say of one access: equal, or it is a bug. */
export function bothSay(memory: LaneMemory, cpu: Cpu, access: Access): { lanes: Said; words: Said } {
  const walker = new LaneWalker(cpu, memory);
  walker.walk(laneAccess(access, cpu), Number(access.gpa));
  return {
    lanes: saidByLanes(walker),
    words: saidByWalk(translate(asPhysicalMemory(memory), cpu, access), cpu),
  };
}
