import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { wordHex } from '../../../model/bits/index.ts';
import {
  call,
  type CallRules,
  hostLeaf,
  operationNames,
  PageState,
  type PkvmTables,
  PROT_RWX,
  rulesWith,
  specified,
} from '../../../model/pkvm/index.ts';

interface Vector {
  readonly id: string;
  readonly ram: [string, string];
  readonly pages: string[];
  readonly gpas: string[];
  readonly vms: number[];
  readonly calls: {
    readonly op: string;
    readonly hpa?: string;
    readonly gpa?: string;
    readonly vm?: number;
    readonly size: string;
    readonly ret: number;
    readonly leaves: Record<string, string[]>;
  }[];
}

const file = join(import.meta.dirname, '../../golden/vectors/pkvm-calls-sample.jsonl');
const vectors = readFileSync(file, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line) as Vector);

/** The early code as it was measured: facts/pkvm.md 5, B2 and the guest calls' loops. */
const asBuilt: CallRules = rulesWith([
  'donate.request.hyp.owner',
  'donate.acknowledge.host.owner',
  'share.acknowledge.host.owner',
  'guest_calls_page_by_page',
]);

for (const [reading, rules] of [
  ['the specification', specified],
  ['the code as built', asBuilt],
] as const) {
  test.each(vectors)(`every call of $id gives what was measured, by ${reading}`, vector => {
    const leaves = new Map<string, bigint>();
    const tables: PkvmTables = {
      ram: [{ start: BigInt(vector.ram[0]), end: BigInt(vector.ram[1]) }],
      vms: vector.vms.map(id => ({ id, kind: 'unspecified' })), // the measured code asks for no kind
      tablePages: 'available',
      host: hpa => leaves.get(`host ${hpa}`) ?? hostLeaf(hpa, PageState.PKVM_PAGE_OWNED),
      guest: (vm, gpa) => leaves.get(`${vm} ${gpa}`) ?? 0n,
    };
    for (const { op, hpa, gpa, vm, size, ret, leaves: after } of vector.calls) {
      const name = operationNames.find(known => known === op);
      if (name === undefined) throw new Error(`${vector.id} calls ${op}`);
      const args = {
        ...(hpa === undefined ? {} : { hpa: BigInt(hpa) }),
        ...(gpa === undefined ? {} : { gpa: BigInt(gpa) }),
        ...(vm === undefined ? {} : { vm }),
        size: BigInt(size),
        prot: PROT_RWX,
      };
      const { result, writes } = call(tables, name, args, rules);
      for (const { table, address, after: word } of writes) leaves.set(`${table} ${address}`, word);
      expect(result).toBe(ret);
      expect(vector.pages.map(page => wordHex(tables.host(BigInt(page))))).toEqual(after.host);
      for (const id of vector.vms) {
        expect(vector.gpas.map(address => wordHex(tables.guest(id, BigInt(address))))).toEqual(after[id]);
      }
    }
  });
}
