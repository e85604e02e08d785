import type { KvmEvent } from '../../evidence/logs/kvm-event.ts';
import type { Origin } from '../../evidence/logs/read-log.ts';
import { addressHex } from '../../model/bits/index.ts';
import { EptPte, pageBytes, subPageBytes, ViolationQualification } from '../../model/ept/index.ts';
import { permitsWrite, SppQualification, spreadVector } from '../../model/ept/spp/index.ts';
import { type Verdict, verdictOf } from '../step/index.ts';
import { LastExits } from './kvm-exits.ts';
import { SaidOfPages, type Who } from './kvm-origin.ts';

/** Holds the exits of a KVM log against what the hardware may report and what the log said before. */
export class KvmChecker {
  /** The last word of each 4-KByte leaf that the log told of, by gfn. */
  readonly #leaves = new SaidOfPages<bigint>();
  readonly #vectors = new SaidOfPages<number>();
  readonly #exits = new LastExits();
  #isForgetful = false;

  /** Whether more was said than is held, so that some of it is forgotten. */
  get hitLimit(): boolean {
    return this.#isForgetful;
  }

  /** Events are missing: nothing that was said before need still hold. */
  forget(): void {
    this.#leaves.clear();
    this.#vectors.clear();
    this.#exits.clear();
  }

  /** The verdict on one event; `undefined` where it only tells what is so. */
  check(event: KvmEvent, of: Origin = {}): Verdict | undefined {
    const who: Who = 'vcpu' in event && event.vcpu !== undefined ? { ...of, vcpu: event.vcpu } : of;
    switch (event.kind) {
      case 'exit':
        this.#exits.exit(who, event.reason, event.qualification);
        return undefined;
      case 'entry':
        this.#exits.entry(who);
        return undefined;
      case 'page-fault':
        return this.#pageFault(event, who);
      case 'set-spte':
      case 'spte-changed':
        return this.#spte(event, who);
      case 'spp-set':
        if (!this.#vectors.set(event.gfn, who, event.vector)) this.#isForgetful = true;
        return undefined;
      case 'spp-exit':
        return sppExit(event);
      case 'spp-fault':
        return this.#sppFault(event, who);
    }
  }

  #spte(event: Extract<KvmEvent, { kind: 'set-spte' | 'spte-changed' }>, who: Who): Verdict | undefined {
    if (event.level !== 1) return undefined;
    const held = this.#leaves.of(event.gfn, who);
    if (!this.#leaves.set(event.gfn, who, event.word)) this.#isForgetful = true;
    if (event.kind === 'set-spte' || held.includes(undefined)) return undefined;
    const permissions = (word: bigint): bigint => EptPte.with(word, { accessed: false, dirty: false });
    return held.every(word => word !== undefined && permissions(word) === permissions(event.before))
      ? verdictOf('allowed', 'kvm.spte', `the leaf of gfn ${addressHex(event.gfn)} was what the log said`)
      : verdictOf(
          'unknown',
          'kvm.spte',
          `the leaf of gfn ${addressHex(event.gfn)} changed without a line in the log`,
        );
  }

  /** A fault is judged where it follows an EPT violation: then its code is that exit's qualification. */
  #pageFault({ gpa, qualification }: Extract<KvmEvent, { kind: 'page-fault' }>, who: Who): Verdict {
    const exit = this.#exits.take(who);
    if (exit === undefined)
      return verdictOf('unknown', 'kvm.pairing', 'no exit of this vCPU stands before it in the log');
    if (exit.reason !== 'EPT_VIOLATION') return notOurs(exit.reason);
    if (exit.qualification !== qualification) {
      return verdictOf('forbidden', 'kvm.pairing', `kvm_exit said ${addressHex(exit.qualification)}`, {
        differences: [
          {
            at: 'error_code',
            observed: addressHex(qualification),
            allowed: addressHex(exit.qualification),
          },
        ],
      });
    }
    return wellFormed(qualification) ?? this.#againstLeaf(gpa, qualification, who);
  }

  #againstLeaf(gpa: bigint, qualification: bigint, who: Who): Verdict {
    const { read, write, execute } = ViolationQualification.decode(qualification);
    const asked = [read && 'read', write && 'write', execute && 'execute'].filter(Boolean).join(' and ');
    const at = addressHex(gpa);
    const [leaf, ...others] = this.#leaves.of(gpa / pageBytes, who);
    if (leaf === undefined || others.length > 0)
      return verdictOf('allowed', 'violation.denied', `${asked} at ${at}, which the entries do not grant`);
    const rights = EptPte.decode(leaf);
    const grants = (!read || rights.read) && (!write || rights.write) && (!execute || rights.execute);
    const leafThat = `the leaf ${addressHex(leaf)}`;
    return grants
      ? verdictOf(
          'unknown',
          'kvm.spte',
          `${leafThat} that the log knows grants the ${asked} at ${at}: record kvmmmu:* as well`,
        )
      : verdictOf('allowed', 'violation.denied', `${leafThat} does not grant the ${asked} at ${at}`);
  }

  #sppFault({ gpa }: Extract<KvmEvent, { kind: 'spp-fault' }>, who: Who): Verdict {
    const gfn = gpa / pageBytes;
    const subPage = Number((gpa % pageBytes) / subPageBytes);
    const vectors = this.#vectors.of(gfn, who);
    const writable = new Set(
      vectors.map(vector => vector !== undefined && permitsWrite(spreadVector(vector), subPage)),
    );
    const [vector] = vectors;
    if (vector === undefined || vectors.includes(undefined) || writable.size > 1)
      return verdictOf(
        'unknown',
        'spp.subpage',
        vectors.length > 1
          ? `which of the vectors of gfn ${addressHex(gfn)} in the log is this VM's is not known`
          : `no kvm_spp_set_subpages of gfn ${addressHex(gfn)} in the log`,
      );
    const isWritable = writable.has(true);
    const why = `sub-page ${subPage} of gfn ${addressHex(gfn)} is ${isWritable ? '' : 'not '}writable in ${addressHex(BigInt(vector))}`;
    return isWritable
      ? verdictOf('forbidden', 'spp.subpage', why, {
          differences: [{ at: 'outcome', observed: 'a fault', allowed: 'the write goes through' }],
        })
      : verdictOf('allowed', 'spp.subpage', why);
  }
}

/** A fault after another exit: its code is none of the EPT's. */
const notOurs = (reason: string): Verdict =>
  verdictOf(
    'out-of-scope',
    'kvm.scope',
    reason === 'npf' || reason.startsWith('SVM')
      ? "after an exit of AMD's nested paging: its code is no EPT qualification"
      : `after an exit for ${reason}: a page-fault code of x86, of shadow paging or of the guest's own tables`,
  );

/** What no processor reports. SDM vol. 3C, "Exit Qualification for EPT Violations". */
function wellFormed(word: bigint): Verdict | undefined {
  const q = ViolationQualification.decode(word);
  const shown = addressHex(word);
  if (q.finalTranslation && !q.linearValid)
    return verdictOf('forbidden', 'violation.qualification', `${shown} has bit 8 without bit 7`);
  const isDenied =
    (q.read && !q.readable) ||
    (q.write && !q.writable) ||
    (q.execute && (!q.executable || !q.executableUser)) ||
    q.shadowStack ||
    q.guestPagingVerification;
  return isDenied
    ? undefined
    : verdictOf('forbidden', 'violation.denied', `${shown} reports an access that the entries grant`);
}

/** Exit 66: a miss is how KVM learns to build the table; a misconfiguration is nobody's intention. */
function sppExit({ gpa, qualification }: Extract<KvmEvent, { kind: 'spp-exit' }>): Verdict {
  const { miss } = SppQualification.decode(qualification);
  return miss
    ? verdictOf('allowed', 'spp.exit', `an SPP miss at ${addressHex(gpa)}`)
    : verdictOf(
        'forbidden',
        'spp.exit',
        `an SPP misconfiguration at ${addressHex(gpa)}: a reserved bit is set in the SPPT`,
      );
}
