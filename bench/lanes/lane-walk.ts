import { lane, laneMask, lanesOf } from '../../model/bits/index.ts';
import { SpptEntry, Spptp } from '../../model/ept/spp/entry.ts';
import { sppQualification } from '../../model/ept/spp/qualification.ts';
import type { Cpu } from '../../model/ept/cpu.ts';
import { EptPdpte, EptPde2M, EptPdpte1G, EptPte } from '../../model/ept/entry.ts';
import { Eptp } from '../../model/ept/eptp.ts';
import type { OutcomeKind } from '../../model/ept/outcome.ts';
import { PmlFullQualification } from '../../model/ept/qualification.ts';
import { normative } from '../../model/ept/rules.ts';
import { VeInfoHeader } from '../../model/ept/virtualization-exception.ts';
import type { LaneAccess } from './lane-access.ts';
import { addressIn, indexAt, two32 } from './lane-address.ts';
import { bit, reported, type ReservedMasks, reservedMasks, subPageHigh, subPageLow } from './lane-masks.ts';
import type { LaneMemory } from './lane-memory.ts';

const memoryType = lane(EptPte.fields.memoryType);
const veBusy = lane(VeInfoHeader.fields.busy);

const tableAddress = laneMask(EptPdpte.fields.table);
const spptAddress = laneMask(SpptEntry.fields.table);
const page4K = laneMask(EptPte.fields.page);
const page2M = laneMask(EptPde2M.fields.page);
const page1G = laneMask(EptPdpte1G.fields.page);

const bitOfLevel = [0, 1, 2, 4, 8, 16] as const;

/**
 * The walk of `translate` under the normative rules, on halves of words: for loops in which a bigint would be too
 * slow. Made for one processor and one memory; every mask in it comes from the declared tables. The outcome of
 * `walk` is in the walker's own fields until the next walk. Numbers are exact: addresses have at most 52 bits.
 */
export class LaneWalker {
  kind: OutcomeKind = 'unknown';
  /** The level of the entry that decided; 0 where none did. */
  level = 0;
  qualification = 0;
  hpa = 0;
  grantedBySpp = false;
  /** Of an allowed access. One bit a level (1 for level 1): the entries whose accessed flag must be set. */
  unaccessed = 0;
  /** The leaf's dirty flag must be set. */
  setsDirty = false;
  /** Where the word lies that is not known. */
  unknownAddress = 0;

  readonly #halves: Uint32Array;
  readonly #fails: boolean;
  readonly #top: number;
  readonly #root: number;
  readonly #spptRoot: number;
  readonly #present: number;
  readonly #executes: number;
  readonly #executeOnly: boolean;
  readonly #twoMPages: boolean;
  readonly #oneGPages: boolean;
  readonly #flags: boolean;
  readonly #logIsFull: boolean;
  readonly #converts: boolean;
  readonly #veInfo: number;
  readonly #reserved: ReservedMasks;
  readonly #missQualification: number;
  readonly #misconfigQualification: number;
  readonly #logFullQualification: number;
  #low = 0;
  #high = 0;
  #rights = 0;

  constructor(cpu: Cpu, memory: LaneMemory) {
    const { controls, capabilities, state } = cpu;
    const root = lanesOf(cpu.eptp);
    const spptRoot = lanesOf(cpu.spptp);
    this.#halves = memory.halves;
    this.#fails = normative.entryChecks.some(check => !check.holds(cpu));
    this.#top = Eptp.get(cpu.eptp, 'walkLengthMinusOne') + 1;
    this.#root = addressIn(root.low, root.high, laneMask(Eptp.fields.table));
    this.#spptRoot = addressIn(spptRoot.low, spptRoot.high, laneMask(Spptp.fields.table));
    this.#executes = bit.execute | (controls.mbe ? bit.executeUser : 0);
    this.#present = bit.read | bit.write | this.#executes;
    this.#executeOnly = capabilities.executeOnly;
    this.#twoMPages = capabilities.twoMPages;
    this.#oneGPages = capabilities.oneGPages;
    this.#flags = Eptp.get(cpu.eptp, 'accessedDirty');
    this.#logIsFull = controls.pml && state.pmlIndex > 511;
    this.#converts = controls.eptViolationVe && state.protectedMode && !state.eventDelivery;
    this.#veInfo = Number(state.veInfoAddress);
    this.#reserved = reservedMasks(cpu);
    this.#missQualification = Number(sppQualification('miss', cpu));
    this.#misconfigQualification = Number(sppQualification('misconfigured', cpu));
    const nmiUnblocking = state.nmiUnblockingIret;
    this.#logFullQualification = Number(PmlFullQualification.encode({ nmiUnblocking }));
  }

  /** Walks for one access to a guest-physical address of at most 52 bits. */
  walk(access: LaneAccess, gpa: number): void {
    this.level = 0;
    this.unaccessed = 0;
    this.setsDirty = false;
    this.grantedBySpp = false;
    if (this.#fails) {
      this.kind = 'vmentry_fail';
      return;
    }
    const low = gpa >>> 0;
    const high = Math.floor(gpa / two32);
    let table = this.#root;
    let above = ~0;
    this.#rights = ~0;
    for (let level = this.#top; level >= 1; level--) {
      if (!this.#fetch(table + 8 * indexAt(level, low, high), level)) return;
      const entry = this.#low;
      above = this.#rights;
      this.#rights &= entry;
      if ((entry & this.#present) === 0) return this.#violation(access, level, false, this.#high);
      const isPage = level === 1 || (level <= 3 && (entry & bit.mapsPage) !== 0);
      if (this.#isWrong(level, isPage)) {
        this.kind = 'ept_misconfig';
        this.level = level;
        this.qualification = 0;
        return;
      }
      if ((entry & bit.accessed) === 0) this.unaccessed |= bitOfLevel[level as 1] ?? 0;
      if (isPage) return this.#decide(access, level, above, gpa);
      table = addressIn(entry, this.#high, tableAddress);
    }
  }

  /** Reads the word at an address into the walker. */
  #fetch(address: number, level: number): boolean {
    const at = address / 4;
    const halves = this.#halves;
    if (at >= halves.length) {
      this.kind = 'unknown';
      this.level = level;
      this.unknownAddress = address;
      return false;
    }
    this.#low = halves[at] ?? 0;
    this.#high = halves[at + 1] ?? 0;
    return true;
  }

  /** Whether the entry at hand, which is present, is misconfigured. */
  #isWrong(level: number, isPage: boolean): boolean {
    const [low, high] = [this.#low, this.#high];
    if ((low & bit.read) === 0) {
      if ((low & bit.write) !== 0) return true;
      if (!this.#executeOnly && (low & this.#executes) !== 0) return true;
    }
    const reserved = this.#reserved;
    if (!isPage) {
      return ((low & (reserved.tableLow[level] ?? 0)) | (high & (reserved.tableHigh[level] ?? 0))) !== 0;
    }
    if (level === 2 && !this.#twoMPages) return true;
    if (level === 3 && !this.#oneGPages) return true;
    if (((low & (reserved.pageLow[level] ?? 0)) | (high & (reserved.pageHigh[level] ?? 0))) !== 0)
      return true;
    const type = memoryType(low, high);
    return type === 2 || type === 3 || type === 7;
  }

  /** The rights of the entries used, and the SPPT where it decides. The leaf is at hand. */
  #decide(access: LaneAccess, level: number, above: number, gpa: number): void {
    const [leafLow, leafHigh, rights] = [this.#low, this.#high, this.#rights];
    const granted = access.supervisorShadowStack
      ? (rights & bit.read) !== 0 && (above & bit.write) !== 0 && (leafHigh & bit.shadowStackHigh) !== 0
      : (rights & access.needs) === access.needs;
    if (granted) return this.#complete(access, level, leafLow, leafHigh, gpa);
    const mayAsk =
      access.maySpp &&
      level === 1 &&
      (leafHigh & bit.subPageWriteHigh) !== 0 &&
      (rights & bit.read) !== 0 &&
      (rights & bit.write) === 0;
    if (!mayAsk) return this.#violation(access, level, true, leafHigh);
    this.#askSppt(access, leafLow, leafHigh, gpa);
  }

  #askSppt(access: LaneAccess, leafLow: number, leafHigh: number, gpa: number): void {
    const [low, high] = [gpa >>> 0, Math.floor(gpa / two32)];
    const { sppt, vector } = this.#reserved;
    let table = this.#spptRoot;
    for (let level = 4; level >= 2; level--) {
      if (!this.#fetch(table + 8 * indexAt(level, low, high), level)) return;
      if ((this.#low & bit.valid) === 0) return this.#sppEvent('spp_miss', level);
      if (((this.#low & sppt.low) | (this.#high & sppt.high)) !== 0) {
        return this.#sppEvent('spp_misconfig', level);
      }
      table = addressIn(this.#low, this.#high, spptAddress);
    }
    if (!this.#fetch(table + 8 * indexAt(1, low, high), 1)) return;
    if (((this.#low & vector.low) | (this.#high & vector.high)) !== 0)
      return this.#sppEvent('spp_misconfig', 1);
    if (!this.#permitsAll(access.size, gpa % 4096)) return this.#violation(access, 1, true, leafHigh);
    this.grantedBySpp = true;
    this.#complete(access, 1, leafLow, leafHigh, gpa);
  }

  /** Whether the vector at hand permits every sub-page that the bytes touch in the page. */
  #permitsAll(size: number, offset: number): boolean {
    const last = Math.min(offset + size, 4096) - 1;
    for (let i = Math.floor(offset / 128); i * 128 <= last; i++) {
      if (((this.#low & (subPageLow[i] ?? 0)) | (this.#high & (subPageHigh[i] ?? 0))) === 0) return false;
    }
    return true;
  }

  #sppEvent(kind: 'spp_miss' | 'spp_misconfig', level: number): void {
    this.kind = kind;
    this.level = level;
    this.qualification = kind === 'spp_miss' ? this.#missQualification : this.#misconfigQualification;
  }

  /** Flags and log, then the access happens. */
  #complete(access: LaneAccess, level: number, leafLow: number, leafHigh: number, gpa: number): void {
    if (this.#flags) this.setsDirty = access.write && (leafLow & bit.dirty) === 0;
    else this.unaccessed = 0;
    if (this.#logIsFull && (this.unaccessed !== 0 || this.setsDirty)) {
      this.kind = 'pml_full';
      this.qualification = this.#logFullQualification;
      return;
    }
    this.kind = 'allowed';
    this.level = level;
    if (level === 1) this.hpa = addressIn(leafLow, leafHigh, page4K) + (gpa % 0x1000);
    else if (level === 2) this.hpa = addressIn(leafLow, leafHigh, page2M) + (gpa % 0x20_0000);
    else this.hpa = addressIn(leafLow, leafHigh, page1G) + (gpa % 0x4000_0000);
  }

  /** An EPT violation, or the #VE that it becomes. `lastHigh` is of the last EPT entry read. */
  #violation(access: LaneAccess, level: number, leafReached: boolean, lastHigh: number): void {
    const rights = this.#rights;
    this.level = level;
    this.qualification =
      access.qualification |
      ((rights & bit.read) !== 0 ? reported.readable : 0) |
      ((rights & bit.write) !== 0 ? reported.writable : 0) |
      ((rights & bit.execute) !== 0 ? reported.executable : 0) |
      ((rights & this.#executes & bit.executeUser) !== 0 ? reported.executableUser : 0) |
      (leafReached && access.reportsShadowStack && (lastHigh & bit.shadowStackHigh) !== 0
        ? reported.shadowStackPage
        : 0);
    this.kind = 'ept_violation';
    if (!this.#converts || (lastHigh & bit.suppressVeHigh) !== 0) return;
    if (!this.#fetch(this.#veInfo, 0)) return;
    if (veBusy(this.#low, this.#high) === 0) this.kind = 'virtualization_exception';
  }
}
