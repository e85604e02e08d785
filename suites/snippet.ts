import { countedOperationNames } from '../model/pkvm/counted/index.ts';
import { arm64OperationNames } from '../model/pkvm/counted/arm64/index.ts';
import { operationNames } from '../model/pkvm/index.ts';

/** Where the C prints: into the trace of a kernel, with printf, or into a ring of binary records. */
export const snippetVariants = ['kernel', 'user', 'ring'] as const;
export type SnippetVariant = (typeof snippetVariants)[number];

/** Every call that a log can tell of, in the order in which records of the ring number them. */
export const loggedCalls: readonly string[] = [
  ...new Set<string>([...operationNames, ...countedOperationNames, ...arm64OperationNames]),
];

const isOfSeed = (name: string): boolean => operationNames.some(known => known === name);

/** Names, so many a line as fit, behind a star. */
function listed(names: readonly string[]): string {
  const lines: string[] = [];
  for (const name of names) {
    const last = lines.at(-1);
    if (last === undefined || last.length + name.length > 100) lines.push(` *     ${name}`);
    else lines[lines.length - 1] = `${last} ${name}`;
  }
  return lines.join('\n');
}

const usage = (how: string): string => `/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paste into the file that implements the page-state API. ${how}
 *
 * At the end of each function, while the lock of the host EPT is still held, so that "seq" is the order of the calls;
 * vm, hpa, gpa and prot (bit 0 read, bit 1 write, bit 2 execute) are 0 where there are none, ret is 0 where nothing is
 * returned:
 *
 *     pagewarden_log("host_share_guest", vm, hpa, gpa, size, prot, ret);
 *
 * The calls of the first page states, whose lines are held against --implementation seed-004 or rfc7-as-built:
${listed(operationNames)}
 * Those of code that counts shares (--implementation x86-2026) beside them:
${listed(countedOperationNames.filter(name => !isOfSeed(name)))}
 * On arm64 (--implementation arm64-mainline) pages are numbers: pagewarden_log_frames(name, vm, pfn, gfn, nr, prot, ret).
 *
 * Once, when protection is finalised, with the RAM, and in a string what else is known: what is the hypervisor's own
 * from the start, the VMs and their kinds (protected, normal; left out where nobody knows):
 *
 *     pagewarden_hello(0x0, 0x80000000, "hyp=0x70000000-0x78000000 vm=2:protected vm=3:normal");
 *
 * A leaf word as it stands in a table (0 is the host's, otherwise the number of the VM), as often as you like:
 *
 *     pagewarden_leaf(0, hpa, word);
 *
 * Where no lock spans the whole of a call, both of its ends instead of pagewarden_log; the orders that calls which
 * overlap can have taken are tried:
 *
 *     unsigned long long call = pagewarden_begin("host_share_guest", vm, hpa, gpa, size, prot);
 *     ...
 *     pagewarden_end(call, ret);
 */
`;

const text = `static unsigned long long pagewarden_seq;
static unsigned long long pagewarden_calls;

static inline void pagewarden_hello(unsigned long long ram_start, unsigned long long ram_end, const char *also)
{
	PAGEWARDEN_PRINT("pagewarden: hello ram=0x%llx-0x%llx %s\\n", ram_start, ram_end, also);
}

static inline void pagewarden_log(const char *name, int vm, unsigned long long hpa, unsigned long long gpa,
				  unsigned long long size, unsigned int prot, int ret)
{
	PAGEWARDEN_PRINT("pagewarden: seq=%llu %s vm=%d hpa=0x%llx gpa=0x%llx size=0x%llx prot=0x%x ret=%d\\n",
			 ++pagewarden_seq, name, vm, hpa, gpa, size, prot & 7, ret);
}

static inline void pagewarden_log_frames(const char *name, int vm, unsigned long long pfn, unsigned long long gfn,
					 unsigned long long nr, unsigned int prot, int ret)
{
	PAGEWARDEN_PRINT("pagewarden: seq=%llu %s vm=%d pfn=0x%llx gfn=0x%llx nr=0x%llx prot=0x%x ret=%d\\n",
			 ++pagewarden_seq, name, vm, pfn, gfn, nr, prot & 15, ret);
}

static inline void pagewarden_leaf(int table, unsigned long long address, unsigned long long word)
{
	PAGEWARDEN_PRINT("pagewarden: seq=%llu leaf table=%d address=0x%llx word=0x%llx\\n", ++pagewarden_seq, table,
			 address, word);
}

static inline unsigned long long pagewarden_begin(const char *name, int vm, unsigned long long hpa,
						  unsigned long long gpa, unsigned long long size, unsigned int prot)
{
	unsigned long long call = __atomic_add_fetch(&pagewarden_calls, 1, __ATOMIC_RELAXED);

	PAGEWARDEN_PRINT("pagewarden: begin=%llu %s vm=%d hpa=0x%llx gpa=0x%llx size=0x%llx prot=0x%x\\n", call, name,
			 vm, hpa, gpa, size, prot & 7);
	return call;
}

static inline void pagewarden_end(unsigned long long call, int ret)
{
	PAGEWARDEN_PRINT("pagewarden: end=%llu ret=%d\\n", call, ret);
}
`;

const kernel = `${usage('It prints with trace_printk.')}
#define PAGEWARDEN_PRINT(...) trace_printk(__VA_ARGS__)

${text}`;

const user = `${usage('It prints with printf; for a hypervisor whose code runs in user space.')}
#include <stdio.h>

#define PAGEWARDEN_PRINT(...) printf(__VA_ARGS__)

${text}`;

/** How many records the ring has, and how long each is: `evidence/logs/ring.ts` reads them. */
const ring = `${usage('It writes a ring of binary records: for EL2 and root mode, where nothing prints.')}
/*
 * Save the memory of pagewarden_ring (gdb: dump binary memory ring.bin &pagewarden_ring &pagewarden_ring+1; QEMU:
 * pmemsave) and run: pagewarden oracle ring ring.bin | pagewarden oracle check -
 */
#define PAGEWARDEN_RECORDS 4096u

struct pagewarden_record {
	unsigned long long number; /* from 1; 0: never written */
	unsigned int kind; /* 1 hello, 2 a VM, 3 a call, 4 its beginning, 5 its end, 6 a leaf, 7 a call with frames */
	unsigned int name; /* the place of the name in pagewarden_names */
	int vm;
	int ret;
	unsigned long long a, b, c; /* hpa, gpa, size; RAM from and to; address, word */
	unsigned int prot;
	unsigned int pad;
	unsigned long long call;
};

static struct {
	char magic[16];
	unsigned int records, record_size;
	struct pagewarden_record record[PAGEWARDEN_RECORDS];
} pagewarden_ring = { "pagewarden ring", PAGEWARDEN_RECORDS, sizeof(struct pagewarden_record), { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } } };

static unsigned long long pagewarden_number;
static unsigned long long pagewarden_calls;

static const char *const pagewarden_names[] = {
${loggedCalls.map(name => `\t"${name}",`).join('\n')}
};

static inline unsigned int pagewarden_name(const char *name)
{
	unsigned int i, j;

	for (i = 0; i < sizeof(pagewarden_names) / sizeof(pagewarden_names[0]); i++) {
		for (j = 0; name[j] && name[j] == pagewarden_names[i][j]; j++)
			;
		if (name[j] == pagewarden_names[i][j])
			return i;
	}
	return ~0u;
}

static inline void pagewarden_put(unsigned int kind, unsigned int name, int vm, int ret, unsigned long long a,
				  unsigned long long b, unsigned long long c, unsigned int prot,
				  unsigned long long call)
{
	unsigned long long number = __atomic_add_fetch(&pagewarden_number, 1, __ATOMIC_RELAXED);
	struct pagewarden_record *record = &pagewarden_ring.record[(number - 1) % PAGEWARDEN_RECORDS];

	record->number = 0; /* what is half written is none */
	record->kind = kind;
	record->name = name;
	record->vm = vm;
	record->ret = ret;
	record->a = a;
	record->b = b;
	record->c = c;
	record->prot = prot;
	record->call = call;
	__atomic_store_n(&record->number, number, __ATOMIC_RELEASE);
}

/* The string of the other variants has no place here: pagewarden_vm() tells the VMs, right after this. */
static inline void pagewarden_hello(unsigned long long ram_start, unsigned long long ram_end,
				    unsigned long long own_start, unsigned long long own_end)
{
	pagewarden_put(1, 0, 0, 0, ram_start, ram_end, own_start, 0, own_end);
}

/* kind: 1 protected, 0 normal, -1 nobody knows. */
static inline void pagewarden_vm(int vm, int kind)
{
	pagewarden_put(2, 0, vm, kind, 0, 0, 0, 0, 0);
}

static inline void pagewarden_log(const char *name, int vm, unsigned long long hpa, unsigned long long gpa,
				  unsigned long long size, unsigned int prot, int ret)
{
	pagewarden_put(3, pagewarden_name(name), vm, ret, hpa, gpa, size, prot & 7, 0);
}

static inline void pagewarden_log_frames(const char *name, int vm, unsigned long long pfn, unsigned long long gfn,
					 unsigned long long nr, unsigned int prot, int ret)
{
	pagewarden_put(7, pagewarden_name(name), vm, ret, pfn, gfn, nr, prot & 15, 0);
}

static inline void pagewarden_leaf(int table, unsigned long long address, unsigned long long word)
{
	pagewarden_put(6, 0, table, 0, address, word, 0, 0, 0);
}

static inline unsigned long long pagewarden_begin(const char *name, int vm, unsigned long long hpa,
						  unsigned long long gpa, unsigned long long size, unsigned int prot)
{
	unsigned long long call = __atomic_add_fetch(&pagewarden_calls, 1, __ATOMIC_RELAXED);

	pagewarden_put(4, pagewarden_name(name), vm, 0, hpa, gpa, size, prot & 7, call);
	return call;
}

static inline void pagewarden_end(unsigned long long call, int ret)
{
	pagewarden_put(5, 0, 0, ret, 0, 0, 0, 0, call);
}
`;

/** The C to paste into the implementation, so that its calls appear in the log. */
export const snippets: Readonly<Record<SnippetVariant, string>> = { kernel, user, ring };
