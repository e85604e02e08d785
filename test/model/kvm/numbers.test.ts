import { describe, expect, test } from 'vitest';
import {
  checkExtension,
  EXIT_REASON_SPP,
  Ioc,
  IocDirection,
  KVMIO,
  type RevisionName,
  revision,
  revisions,
  SPP_CAPABILITY_MSR_BIT,
  SPP_CONTROL_BIT,
  sppIoctls,
  SPPTP_ENCODING,
} from '../../../model/kvm/index.ts';
import { SppQualification } from '../../../model/ept/spp/index.ts';

describe('ioctl numbers come out of their _IOC fields as facts 3.1 has them', () => {
  test('v3 to v12 pass a u64', () => {
    for (const row of revisions.filter(({ encodedSize }) => encodedSize === 'u64')) {
      const { KVM_SUBPAGES_GET_ACCESS, KVM_SUBPAGES_SET_ACCESS } = sppIoctls(row) ?? {};
      expect(KVM_SUBPAGES_GET_ACCESS, row.name).toBe(0x8008ae49);
      expect(KVM_SUBPAGES_SET_ACCESS, row.name).toBe(0x4008ae4a);
    }
  });

  test('the RFC V2 passes its 24-byte structure', () => {
    const { KVM_SUBPAGES_GET_ACCESS, KVM_SUBPAGES_SET_ACCESS } = sppIoctls(revision('rfc-v2')) ?? {};
    expect(KVM_SUBPAGES_GET_ACCESS).toBe(0x8018ae49);
    expect(KVM_SUBPAGES_SET_ACCESS).toBe(0x4018ae4a);
  });

  test('KVM_INIT_SPP exists from v3 to v7 only: before it was a module parameter, after it a capability', () => {
    const withInit = revisions.filter(row => sppIoctls(row)?.KVM_INIT_SPP !== undefined);
    expect(withInit.map(({ name }) => name)).toEqual(['v3', 'v4', 'v5', 'v6', 'v7']);
    for (const row of withInit) expect(sppIoctls(row)?.KVM_INIT_SPP).toBe(0x4008ae4b);
  });

  test('no text gives the encoding of the RFC v1', () => {
    expect(sppIoctls(revision('rfc-v1'))).toBeUndefined();
  });

  test('the fields read back', () => {
    expect(Ioc.decode(0x8018ae49n)).toEqual({
      direction: IocDirection.read,
      type: KVMIO,
      number: 0x49,
      sizeBytes: 24,
    });
  });
});

describe('exits, controls and capabilities', () => {
  test.for<[RevisionName, number, string]>([
    ['rfc-v1', 28, 'absent'],
    ['v4', 28, 'absent'],
    ['v7', 28, 'absent'],
    ['v9', 28, 'ins_len'],
    ['v10', 29, 'ins_len'],
    ['v11', 29, 'ins_len'],
    ['v12', 29, 'insn_len'],
  ])('%s exits with KVM_EXIT_SPP %d, instruction length %s', ([name, exitNumber, instructionLength]) => {
    expect(revision(name)).toMatchObject({ exitNumber, instructionLength });
  });

  test('user space is told how long the instruction is exactly where KVM leaves RIP alone', () => {
    for (const row of revisions)
      expect(row.skipsInstruction, row.name).toBe(row.instructionLength === 'absent');
  });

  test('the capability answers with the page limit, and with nothing before there was one', () => {
    expect(checkExtension(revision('v9'))).toBe(512);
    expect(checkExtension(revision('v12'))).toBe(512);
    expect(checkExtension(revision('v7'))).toBe(0);
    expect(revision('v9').capability).toBe(176);
    expect(revision('v11').capability).toBe(179);
    expect(revision('v12').capability).toBe(182);
  });

  test('the numbers that software and hardware share are those of the seeds', () => {
    expect(SPP_CONTROL_BIT).toBe(23);
    expect(SPP_CAPABILITY_MSR_BIT).toBe(SPP_CONTROL_BIT + 32);
    expect(SPPTP_ENCODING).toEqual({ full: 0x2030, high: 0x2031 });
    expect(EXIT_REASON_SPP).toBe(66);
    expect(SppQualification.encode({ miss: true })).toBe(0x800n);
  });
});
