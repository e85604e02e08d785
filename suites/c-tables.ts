import { wordHex } from '../model/bits/index.ts';
import { operationNames } from '../model/pkvm/index.ts';
import type { Suite, SuiteStep } from './suite.ts';

/** A number of 64 bits as C has it. */
const u64 = (value: bigint): string => `${wordHex(value)}ull`;
const tableNumber = (table: 'host' | number): number => (table === 'host' ? 0 : table);

const protNumber = ({ args: { prot } }: SuiteStep): number =>
  prot === undefined ? 0 : Number(prot.read) + 2 * Number(prot.write) + 4 * Number(prot.execute);

/** The types that suite and runner share. */
export const cTypes = `enum pagewarden_op {
${operationNames.map((name, at) => `\tPAGEWARDEN_${name.toUpperCase()} = ${at},`).join('\n')}
};

/* One call. Arguments that an operation does not have are 0. prot: bit 0 read, bit 1 write, bit 2 execute. */
struct pagewarden_call {
	enum pagewarden_op op;
	uint32_t vm;
	uint64_t hpa;
	uint64_t gpa;
	uint64_t size;
	uint32_t prot;
	/* 1: no table page can be had while this call runs. */
	uint32_t no_table_pages;
};

/* A leaf: table 0 is the host EPT, any other the table of the guest with this owner id. */
struct pagewarden_leaf {
	uint32_t table;
	uint64_t address;
	uint64_t initial;
};

struct pagewarden_change {
	uint32_t leaf;
	uint64_t after;
};

/* A call, what it must return, and the leaves that it must change; every other leaf must stay as it was. */
struct pagewarden_step {
	struct pagewarden_call call;
	int32_t ret;
	const char *rule;
	uint32_t first_change;
	uint32_t changes;
};

struct pagewarden_test {
	const char *key;
	uint32_t first_step;
	uint32_t steps;
};

struct pagewarden_vm {
	uint32_t id;
	/* 1: protected, 0: normal. */
	uint32_t is_protected;
};
`;

/** The suite as constant arrays, with the names that the runner expects. */
export function cTables({ leaves, tests, vms, ram }: Suite): string {
  let [nextStep, nextChange] = [0, 0];
  const steps = tests.flatMap(test => test.steps);
  const testRows = tests.map(({ key, steps: own }) => {
    const row = `\t{ ${JSON.stringify(key)}, ${nextStep}, ${own.length} },`;
    nextStep += own.length;
    return row;
  });
  const stepRows = steps.map(step => {
    const row = `\t{ ${callOf(step)}, ${step.ret}, "${step.rule}", ${nextChange}, ${step.changes.length} },`;
    nextChange += step.changes.length;
    return row;
  });
  const changeRows = steps.flatMap(({ changes }) =>
    changes.map(({ leaf, after }) => `\t{ ${leaf}, ${u64(after)} },`),
  );
  const leafRows = leaves.map(
    ({ table, address, initial }) => `\t{ ${tableNumber(table)}, ${u64(address)}, ${u64(initial)} },`,
  );
  const vmRows = vms.map(({ id, kind }) => `\t{ ${id}, ${kind === 'protected' ? 1 : 0} },`);
  const [range = { start: 0n, end: 0n }] = ram;
  return [
    `#define PAGEWARDEN_RAM_START ${u64(range.start)}`,
    `#define PAGEWARDEN_RAM_END ${u64(range.end)}`,
    `#define PAGEWARDEN_LEAVES ${leaves.length}u`,
    `#define PAGEWARDEN_TESTS ${tests.length}u`,
    `#define PAGEWARDEN_VMS ${vms.length}u`,
    '',
    array('struct pagewarden_vm pagewarden_vms', vmRows, '{ 0, 0 }'),
    array('struct pagewarden_leaf pagewarden_leaves', leafRows, '{ 0, 0, 0 }'),
    array('struct pagewarden_change pagewarden_changes', changeRows, '{ 0, 0 }'),
    array('struct pagewarden_step pagewarden_steps', stepRows, '{ { 0, 0, 0, 0, 0, 0, 0 }, 0, "", 0, 0 }'),
    array('struct pagewarden_test pagewarden_tests', testRows, '{ "", 0, 0 }'),
  ].join('\n');
}

/** C has no empty arrays. */
const array = (name: string, rows: readonly string[], filler: string): string =>
  `static const __attribute__((unused)) ${name}[] = {\n${rows.length === 0 ? `\t${filler},` : rows.join('\n')}\n};\n`;

function callOf(step: SuiteStep): string {
  const { name, args, tablePages } = step;
  const numbers = [u64(args.hpa ?? 0n), u64(args.gpa ?? 0n), u64(args.size)];
  const exhausted = tablePages === 'exhausted' ? 1 : 0;
  return `{ PAGEWARDEN_${name.toUpperCase()}, ${args.vm ?? 0}, ${numbers.join(', ')}, ${protNumber(step)}, ${exhausted} }`;
}
