import { protNumber, type Suite, type SuiteStep, tableNumber } from './suite.ts';

/** A number of 64 bits as C has it. */
const u64 = (value: bigint): string => (value < 10n ? String(value) : `0x${value.toString(16)}ull`);

/** The types that suite and runner share. */
export const cTypes = (operations: readonly string[]): string => `enum pagewarden_op {
${operations.map((name, at) => `\tPAGEWARDEN_${name.toUpperCase()} = ${at},`).join('\n')}
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

static const __attribute__((unused)) char *const pagewarden_op_names[] = {
${operations.map(name => `\t"${name}",`).join('\n')}
};

/*
 * A leaf: table 0 is the host EPT, any other the table of the guest with this owner id. Of code that counts, table
 * PAGEWARDEN_RECORD is the record of the page as it stands in memory.
 */
#define PAGEWARDEN_RECORD 0xffffffffu

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
	uint16_t call; /* its place in pagewarden_calls */
	uint16_t rule; /* and in pagewarden_rules */
	int32_t ret;
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

/** Things by their place in a list in which each stands once. */
class Places {
  readonly rows: string[] = [];
  readonly #places = new Map<string, number>();

  of(row: string): number {
    const known = this.#places.get(row);
    if (known !== undefined) return known;
    this.#places.set(row, this.rows.length);
    return this.rows.push(row) - 1;
  }
}

/** The suite as constant arrays, with the names that the runner expects. */
export function cTables({ leaves, tests, vms, ram }: Suite): string {
  const [calls, rules] = [new Places(), new Places()];
  const [stepRows, changeRows]: [string[], string[]] = [[], []];
  const testRows = tests.map(({ key, steps }) => {
    const row = `{ ${JSON.stringify(key)}, ${stepRows.length}, ${steps.length} },`;
    for (const step of steps) {
      const { ret, rule, changes } = step;
      const first = changes.length === 0 ? 0 : changeRows.length;
      const places = `${calls.of(callOf(step))},${rules.of(`"${rule}",`)}`;
      stepRows.push(`{${places},${ret},${first},${changes.length}},`);
      changeRows.push(...changes.map(({ leaf, after }) => `{${leaf},${u64(after)}},`));
    }
    return row;
  });
  const leafRows = leaves.map(
    ({ table, address, initial }) => `{ ${tableNumber(table)}u, ${u64(address)}, ${u64(initial)} },`,
  );
  const vmRows = vms.map(({ id, kind }) => `{ ${id}, ${kind === 'protected' ? 1 : 0} },`);
  const [range = { start: 0n, end: 0n }] = ram;
  return [
    `#define PAGEWARDEN_RAM_START ${u64(range.start)}`,
    `#define PAGEWARDEN_RAM_END ${u64(range.end)}`,
    `#define PAGEWARDEN_LEAVES ${leaves.length}u`,
    `#define PAGEWARDEN_TESTS ${tests.length}u`,
    `#define PAGEWARDEN_VMS ${vms.length}u`,
    `#define PAGEWARDEN_RULES ${rules.rows.length}u`,
    '',
    array('char *const pagewarden_rules', rules.rows, '"",'),
    array('struct pagewarden_vm pagewarden_vms', vmRows, '{ 0, 0 },'),
    array('struct pagewarden_leaf pagewarden_leaves', leafRows, '{ 0, 0, 0 },'),
    array('struct pagewarden_call pagewarden_calls', calls.rows, '{ 0, 0, 0, 0, 0, 0, 0 },'),
    array('struct pagewarden_change pagewarden_changes', changeRows, '{ 0, 0 },'),
    array('struct pagewarden_step pagewarden_steps', stepRows, '{ 0, 0, 0, 0, 0 },'),
    array('struct pagewarden_test pagewarden_tests', testRows, '{ "", 0, 0 },'),
  ].join('\n');
}

/** As many short rows on a line as fit. C has no empty arrays. */
function array(name: string, rows: readonly string[], filler: string): string {
  const lines: string[] = [];
  for (const row of rows.length === 0 ? [filler] : rows) {
    const last = lines.at(-1);
    if (last === undefined || last.length + row.length > 118) lines.push(row);
    else lines[lines.length - 1] = `${last} ${row}`;
  }
  return `static const __attribute__((unused)) ${name}[] = {\n${lines.join('\n')}\n};\n`;
}

function callOf({ name, args, tablePages }: SuiteStep): string {
  const numbers = [u64(args.hpa ?? 0n), u64(args.gpa ?? 0n), u64(args.size)];
  const exhausted = tablePages === 'exhausted' ? 1 : 0;
  return `{ PAGEWARDEN_${name.toUpperCase()}, ${args.vm ?? 0}, ${numbers.join(', ')}, ${protNumber(args.prot)}, ${exhausted} },`;
}
