import { EptPte, pageBytes, subPageBytes, ViolationQualification } from '../../model/ept/index.ts';
import { permitsWrite, SppQualification, spreadVector } from '../../model/ept/spp/index.ts';
import { verdictOf } from '../step/step-call.ts';
import type { Verdict } from '../step/index.ts';
import type { KvmEvent } from '../../evidence/logs/kvm-event.ts';

const hex = (value: bigint): string => `0x${value.toString(16)}`;

/** Holds the exits of a KVM log against what the hardware may report and what the log said before. */
export class KvmChecker {
  /** The last word of each 4-KByte leaf that the log told of, by gfn. */
  readonly #leaves = new Map<bigint, bigint>();
  readonly #vectors = new Map<bigint, number>();
  /** The qualification of the last EPT violation of each vCPU that no page fault has taken up yet. */
  readonly #exits = new Map<number, bigint>();

  /** The verdict on one event; `undefined` where it only tells what is so. */
  check(event: KvmEvent): Verdict | undefined {
    switch (event.kind) {
      case 'exit':
        return this.#exit(event);
      case 'page-fault':
        return this.#pageFault(event);
      case 'set-spte':
      case 'spte-changed':
        return this.#spte(event);
      case 'spp-set':
        this.#vectors.set(event.gfn, event.vector);
        return undefined;
      case 'spp-exit':
        return sppExit(event);
      case 'spp-fault':
        return this.#sppFault(event);
    }
  }

  #exit({ vcpu = 0, reason, qualification }: Extract<KvmEvent, { kind: 'exit' }>): undefined {
    if (reason === 'EPT_VIOLATION') this.#exits.set(vcpu, qualification);
    else this.#exits.delete(vcpu);
  }

  #spte(event: Extract<KvmEvent, { kind: 'set-spte' | 'spte-changed' }>): Verdict | undefined {
    if (event.level !== 1) return undefined;
    const held = this.#leaves.get(event.gfn);
    this.#leaves.set(event.gfn, event.word);
    if (event.kind === 'set-spte' || held === undefined) return undefined;
    const permissions = (word: bigint): bigint => EptPte.with(word, { accessed: false, dirty: false });
    return permissions(held) === permissions(event.before)
      ? verdictOf('allowed', 'kvm.spte', `the leaf of gfn ${hex(event.gfn)} was what the log said`)
      : verdictOf(
          'unknown',
          'kvm.spte',
          `the leaf of gfn ${hex(event.gfn)} changed without a line in the log`,
        );
  }

  #pageFault({ vcpu = 0, gpa, qualification }: Extract<KvmEvent, { kind: 'page-fault' }>): Verdict {
    const exit = this.#exits.get(vcpu);
    this.#exits.delete(vcpu);
    if (exit !== undefined && exit !== qualification) {
      return verdictOf('forbidden', 'kvm.pairing', `kvm_exit said ${hex(exit)}`, {
        differences: [{ at: 'error_code', observed: hex(qualification), allowed: hex(exit) }],
      });
    }
    return wellFormed(qualification) ?? this.#againstLeaf(gpa, qualification);
  }

  #againstLeaf(gpa: bigint, qualification: bigint): Verdict {
    const { read, write, execute } = ViolationQualification.decode(qualification);
    const asked = [read && 'read', write && 'write', execute && 'execute'].filter(Boolean).join(' and ');
    const leaf = this.#leaves.get(gpa / pageBytes);
    if (leaf === undefined)
      return verdictOf(
        'allowed',
        'violation.denied',
        `${asked} at ${hex(gpa)}, which the entries do not grant`,
      );
    const rights = EptPte.decode(leaf);
    const grants = (!read || rights.read) && (!write || rights.write) && (!execute || rights.execute);
    return grants
      ? verdictOf(
          'unknown',
          'kvm.spte',
          `the leaf that the log knows grants the ${asked} at ${hex(gpa)}: record kvmmmu:* as well`,
        )
      : verdictOf(
          'allowed',
          'violation.denied',
          `the leaf ${hex(leaf)} does not grant the ${asked} at ${hex(gpa)}`,
        );
  }

  #sppFault({ gpa }: Extract<KvmEvent, { kind: 'spp-fault' }>): Verdict {
    const vector = this.#vectors.get(gpa / pageBytes);
    if (vector === undefined)
      return verdictOf(
        'unknown',
        'spp.subpage',
        `no kvm_spp_set_subpages of gfn ${hex(gpa / pageBytes)} in the log`,
      );
    const subPage = Number((gpa % pageBytes) / subPageBytes);
    const isWritable = permitsWrite(spreadVector(vector), subPage);
    const why = `sub-page ${subPage} of gfn ${hex(gpa / pageBytes)} is ${isWritable ? '' : 'not '}writable in ${hex(BigInt(vector))}`;
    return isWritable
      ? verdictOf('forbidden', 'spp.subpage', why, {
          differences: [{ at: 'outcome', observed: 'a fault', allowed: 'the write goes through' }],
        })
      : verdictOf('allowed', 'spp.subpage', why);
  }
}

/** What no processor reports. SDM vol. 3C, "Exit Qualification for EPT Violations". */
function wellFormed(word: bigint): Verdict | undefined {
  const q = ViolationQualification.decode(word);
  if (q.finalTranslation && !q.linearValid) {
    return verdictOf('forbidden', 'violation.qualification', `${hex(word)} has bit 8 without bit 7`);
  }
  const isDenied =
    (q.read && !q.readable) ||
    (q.write && !q.writable) ||
    (q.execute && (!q.executable || !q.executableUser)) ||
    q.shadowStack ||
    q.guestPagingVerification;
  return isDenied
    ? undefined
    : verdictOf('forbidden', 'violation.denied', `${hex(word)} reports an access that the entries grant`);
}

/** Exit 66: a miss is how KVM learns to build the table; a misconfiguration is nobody's intention. */
function sppExit({ gpa, qualification }: Extract<KvmEvent, { kind: 'spp-exit' }>): Verdict {
  const { miss } = SppQualification.decode(qualification);
  return miss
    ? verdictOf('allowed', 'spp.exit', `an SPP miss at ${hex(gpa)}`)
    : verdictOf(
        'forbidden',
        'spp.exit',
        `an SPP misconfiguration at ${hex(gpa)}: a reserved bit is set in the SPPT`,
      );
}
