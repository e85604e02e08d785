import type { Access } from '../../model/ept/access.ts';
import type { Cpu } from '../../model/ept/cpu.ts';
import { demandOf } from '../../model/ept/demand.ts';
import { violationQualification } from '../../model/ept/qualification.ts';
import { bit, reported } from './lane-masks.ts';

/** A kind of access as a fast walk wants it: all that does not depend on the address, worked out once. */
export interface LaneAccess {
  readonly size: number;
  /** The bits that every entry used must have. */
  readonly needs: number;
  readonly write: boolean;
  readonly supervisorShadowStack: boolean;
  /** A write that the SPPT may decide about, as far as the access goes. */
  readonly maySpp: boolean;
  /** The bits of an EPT violation's qualification that say what the access was. */
  readonly qualification: number;
  /** Whether bit 14 of the qualification is reported. */
  readonly reportsShadowStack: boolean;
}

const rightsReported =
  reported.readable |
  reported.writable |
  reported.executable |
  reported.executableUser |
  reported.shadowStackPage;

/** Works out what an access asks for. Its address does not count here. */
export function laneAccess(access: Access, cpu: Cpu): LaneAccess {
  const demand = demandOf(access, cpu);
  const executes = cpu.controls.mbe && access.userMode ? bit.executeUser : bit.execute;
  const { word } = violationQualification(demand, [], undefined, cpu);
  const enforced = violationQualification(
    demand,
    [{ table: 'ept', level: 1, address: 0n, word: 2n ** 64n - 1n }],
    { table: 'ept', level: 1, address: 0n, word: 2n ** 64n - 1n },
    cpu,
  ).word;
  return {
    size: access.size,
    needs: (demand.read ? bit.read : 0) | (demand.write ? bit.write : 0) | (demand.execute ? executes : 0),
    write: demand.write,
    supervisorShadowStack: demand.supervisorShadowStack,
    maySpp:
      cpu.controls.spp &&
      demand.write &&
      access.linearValid &&
      !access.pageWalk &&
      !demand.supervisorShadowStack,
    qualification: Number(word) & ~rightsReported,
    reportsShadowStack: (Number(enforced) & reported.shadowStackPage) !== 0,
  };
}
