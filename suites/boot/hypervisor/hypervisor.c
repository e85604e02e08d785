/* SPDX-License-Identifier: Apache-2.0 */
/* One VM entry a case: its tables are built, its guest makes one access or two, and what came of it is one JSON line. */
#include "output.h"
#include "processor.h"

enum kind { READ, WRITE, RMW, EXECUTE };
enum { USER = 1, READ_ONLY = 2, NO_EXECUTE = 4, PAGE_WALK = 8 };
struct access {
	u64 gpa;
	u8 kind, size, flags;
};
struct word {
	u64 address, value;
};
struct test_case {
	const char *id;
	u64 eptp, spptp, pml_address, ve_info_address;
	u32 controls, first_word;
	u16 word_count, pml_index;
	u8 access_count;
	struct access access[2];
};
#include "cases.h"

enum { CASES = sizeof cases / sizeof *cases, PRESENT = 1, WRITABLE = 2, USER_PAGE = 4, ACCESSED = 0x20, DIRTY = 0x40 };
/* Where the guest maps the page of the case, by one table of the guest or by the page itself as a table. */
#define WINDOW 0x40000000UL
#define NX (1UL << 63)

static u64 guest_pml4[512] __attribute__((aligned(4096))), guest_pdpt[512] __attribute__((aligned(4096))),
	guest_pd[512] __attribute__((aligned(4096))), window_pd[512] __attribute__((aligned(4096))),
	window_pt[512] __attribute__((aligned(4096))), scratch[512] __attribute__((aligned(4096)));
/* What the guest's own pages are mapped by: the first 512 GByte of every case's EPT. */
static u64 own_pdpt[512] __attribute__((aligned(4096))), own_pd[512] __attribute__((aligned(4096)));
/* Accessed; executable from user-mode addresses too. */
static u64 own_entry(void) { return (u64)own_pdpt | 0x507; }
static u32 left_out_controls, left_out_width;
static int launched;

extern int enter_guest(const u64 registers[6], int is_launched);
extern char guest_read1[], guest_read2[], guest_read4[], guest_read8[], guest_write1[], guest_write2[], guest_write4[],
	guest_write8[], guest_rmw1[], guest_rmw2[], guest_rmw4[], guest_rmw8[], guest_execute[], guest_second[], guest_done[];

void host_faulted(u64 first, u64 second)
{
	put("\n{\"error\":\"the hypervisor faulted\",");
	put_field("stack0", first), put(","), put_field("stack1", second), put("}\n");
	power_off();
}

static u64 instruction(const struct access *access)
{
	static char *const by_kind[3][4] = {
		{guest_read1, guest_read2, guest_read4, guest_read8},
		{guest_write1, guest_write2, guest_write4, guest_write8},
		{guest_rmw1, guest_rmw2, guest_rmw4, guest_rmw8},
	};
	int at = access->size == 1 ? 0 : access->size == 2 ? 1 : access->size == 4 ? 2 : 3;
	return (u64)(access->kind == EXECUTE ? guest_execute : by_kind[access->kind][at]);
}

/* The linear address of an access: of one to a guest page-table entry, an address that the entry translates. */
static u64 linear(const struct access *access)
{
	u64 offset = access->gpa & 0xfff;
	return WINDOW + (access->flags & PAGE_WALK ? offset / 8 << 12 | 0x123 : offset);
}

static void map_own_pages(void)
{
	guest_pml4[0] = (u64)guest_pdpt | PRESENT | WRITABLE | USER_PAGE | ACCESSED;
	guest_pdpt[0] = (u64)guest_pd | PRESENT | WRITABLE | USER_PAGE | ACCESSED;
	guest_pdpt[1] = (u64)window_pd | PRESENT | WRITABLE | USER_PAGE | ACCESSED;
	own_pdpt[0] = (u64)own_pd | 0x507;
	for (u64 i = 0; i < 512; i++) {
		guest_pd[i] = i << 21 | 0x80 | PRESENT | WRITABLE | USER_PAGE | ACCESSED | DIRTY;
		own_pd[i] = i << 21 | 0x7b7; /* a write-back page, accessed and dirty: nothing to set, nothing to log */
	}
}

static void map_window(const struct access *access)
{
	u64 leaf = (access->gpa & ~0xfffUL) | PRESENT | ACCESSED | DIRTY;
	if (!(access->flags & READ_ONLY))
		leaf |= WRITABLE;
	if (access->flags & USER)
		leaf |= USER_PAGE;
	if (access->flags & NO_EXECUTE)
		leaf |= NX;
	window_pt[0] = leaf;
	window_pd[0] = (access->flags & PAGE_WALK ? access->gpa & ~0xfffUL : (u64)window_pt) | PRESENT | WRITABLE | USER_PAGE | ACCESSED;
}

/* What the pages that the leaves may map hold: a VMCALL to fetch, a page-table entry to walk over, else nothing. */
static u64 content(const struct test_case *test, u64 offset)
{
	const struct access *access = &test->access[0];
	u64 at = access->gpa & 0xfff, word = 0;
	if (access->flags & PAGE_WALK)
		return offset == (at & ~7UL) ? (u64)scratch | PRESENT | WRITABLE | USER_PAGE : 0;
	if (access->kind != EXECUTE)
		return 0;
	for (u64 i = 0; i < 8; i++)
		if (offset + i >= at && offset + i < at + 3)
			word |= (u64)(0xc1010f >> 8 * (offset + i - at) & 255) << 8 * i;
	return word;
}

static void build(const struct test_case *test)
{
	for (u32 i = 0; i < sizeof table_pages / sizeof *table_pages; i++)
		for (u32 at = 0; at < 512; at++)
			WORDS(table_pages[i])[at] = 0;
	WORDS(EPT_ROOT)[0] = own_entry();
	for (u32 i = 0; i < test->word_count; i++)
		*WORDS(words[test->first_word + i].address) = words[test->first_word + i].value;
	for (u32 i = 0; i < sizeof pages / sizeof *pages; i++)
		for (u64 offset = 0; offset < 4096; offset += 8)
			*WORDS(pages[i] + offset) = content(test, offset);
	map_window(&test->access[0]);
}

static void set_vmcs(const struct test_case *test)
{
	int user = test->access[0].flags & USER ? 3 : 0;
	vmcs_write(SECONDARY_CONTROLS, ENABLE_EPT | test->controls);
	vmcs_write(EPT_POINTER, test->eptp);
	if (can_enable(SUB_PAGE_WRITE))
		vmcs_write(SPPT_POINTER, test->spptp);
	if (can_enable(EPT_VIOLATION_VE))
		vmcs_write(VE_INFO_ADDRESS, test->ve_info_address);
	if (can_enable(ENABLE_PML))
		vmcs_write(PML_ADDRESS, test->pml_address), vmcs_write(PML_INDEX, test->pml_index);
	vmcs_write(GUEST_CS_SELECTOR, user ? 0x23 : 8), vmcs_write(GUEST_CS_RIGHTS, user ? 0xa0fb : 0xa09b);
	vmcs_write(GUEST_SS_SELECTOR, user ? 0x2b : 0x10), vmcs_write(GUEST_SS_RIGHTS, user ? 0xc0f3 : 0xc093);
	vmcs_write(GUEST_RIP, instruction(&test->access[0])), vmcs_write(GUEST_RSP, (u64)scratch + 2048);
	vmcs_write(GUEST_RFLAGS, 2), vmcs_write(GUEST_INTERRUPTIBILITY, 0);
}

static int enter(const struct test_case *test)
{
	int is_pair = test->access_count == 2 && !(test->access[0].flags & PAGE_WALK);
	u64 registers[6] = {
		0x5a5a5a5a5a5a5a5a, linear(&test->access[0]), (u64)(is_pair ? guest_second : guest_done),
		instruction(&test->access[1]), linear(&test->access[1]), (u64)guest_done,
	};
	int failed = enter_guest(registers, launched);
	/* an entry that fails while the guest's state is loaded leaves the VMCS as it was */
	if (!failed && !(vmcs_read(EXIT_REASON) >> 31 & 1))
		launched = 1;
	return failed;
}

static void put_flag(const char *name, int *is_first)
{
	put(*is_first ? "\"" : ",\""), put(name), put("\":true");
	*is_first = 0;
}

static void put_access(const char *name, const struct access *access)
{
	static const char *const kinds[] = {"read", "write", "rmw", "execute"};
	put(",\""), put(name), put("\":{\"kind\":\""), put(kinds[access->kind]), put("\",");
	put_field("gpa", access->gpa), put(","), put_field("gla", linear(access));
	put(",\"size\":"), put_decimal(access->size);
	if (access->flags & PAGE_WALK)
		put(",\"pageWalk\":true");
	if (access->flags & USER)
		put(",\"userMode\":true");
	if (access->flags & READ_ONLY)
		put(",\"guestWritable\":false");
	if (access->flags & NO_EXECUTE)
		put(",\"guestNx\":true");
	put("}");
}

static void put_case(const struct test_case *test)
{
	int first = 1;
	put("{\"id\":\""), put(test->id), put("\","), put_field("eptp", test->eptp);
	put(","), put_field("spptp", test->spptp), put(",\"controls\":{");
	if (test->controls & SUB_PAGE_WRITE)
		put_flag("spp", &first);
	if (test->controls & MODE_BASED_EXECUTE)
		put_flag("mbe", &first);
	if (test->controls & EPT_VIOLATION_VE)
		put_flag("eptViolationVe", &first);
	if (test->controls & ENABLE_PML)
		put_flag("pml", &first);
	put("}");
	if (test->controls & (ENABLE_PML | EPT_VIOLATION_VE)) {
		put(",\"state\":{\"pmlIndex\":"), put_decimal(test->pml_index), put(",");
		put_field("pmlAddress", test->pml_address), put(","), put_field("veInfoAddress", test->ve_info_address), put("}");
	}
	put(",\"memory\":{");
	for (u32 i = 0; i < test->word_count; i++) {
		const struct word *word = &words[test->first_word + i];
		put(i ? "," : ""), put_word(word->address), put(":"), put_word(word->value);
	}
	put("}"), put_access("access", &test->access[0]);
	if (test->access_count == 2)
		put_access("then", &test->access[1]);
}

static u64 before(const struct test_case *test, u64 address)
{
	if (address == EPT_ROOT)
		return own_entry();
	for (u32 i = 0; i < test->word_count; i++)
		if (words[test->first_word + i].address == address)
			return words[test->first_word + i].value;
	return 0;
}

/* Every word of the tables that is other than before. */
static void put_after(const struct test_case *test)
{
	int first = 1;
	put(",\"after\":{");
	for (u32 i = 0; i < sizeof table_pages / sizeof *table_pages; i++)
		for (u64 address = table_pages[i]; address < table_pages[i] + 4096; address += 8) {
			u64 word = *WORDS(address);
			if (word == before(test, address))
				continue;
			put(first ? "" : ","), put_word(address), put(":"), put_word(word);
			first = 0;
		}
	put("}");
}

/* The first byte of every place in the pages that was written. */
static void put_stored(const struct test_case *test)
{
	int first = 1;
	put(",\"stored\":[");
	for (u32 i = 0; i < sizeof pages / sizeof *pages; i++)
		for (u64 offset = 0, inside = 0; offset < 4096; offset += 8) {
			u64 changed = *WORDS(pages[i] + offset) ^ content(test, offset);
			if (changed && !inside) {
				put(first ? "" : ","), put_word(pages[i] + offset + __builtin_ctzl(changed) / 8);
				first = 0;
			}
			inside = changed >> 56 != 0;
		}
	put("]");
}

static void put_observed(const struct test_case *test, int failed)
{
	u64 reason = vmcs_read(EXIT_REASON);
	put(",\"observed\":{");
	if (failed) {
		put("\"instructionError\":"), put_decimal(failed == 2 ? vmcs_read(INSTRUCTION_ERROR) : 0), put("}}\n");
		return;
	}
	put("\"reason\":"), put_decimal(reason & 0xffff);
	if (reason >> 31 & 1)
		put(",\"entryFailure\":true");
	put(","), put_field("qualification", vmcs_read(EXIT_QUALIFICATION));
	put(","), put_field("gpa", vmcs_read(GUEST_PHYSICAL));
	put(","), put_field("gla", vmcs_read(GUEST_LINEAR));
	if ((reason & 0xffff) == 0)
		put(","), put_field("interruption", vmcs_read(EXIT_INTERRUPTION));
	if (test->controls & ENABLE_PML)
		put(",\"pmlIndex\":"), put_decimal(vmcs_read(PML_INDEX) & 0xffff);
	put_after(test);
	put_stored(test);
	put("}}\n");
}

/* Whether the case says on this processor what it was made to say; a wider one gives its stray bits another meaning. */
static int is_runnable(const struct test_case *test)
{
	u64 stray = 0;
	for (u32 bit = 0; bit < 32; bit++)
		if (test->controls >> bit & 1 && !can_enable(1u << bit))
			return left_out_controls++, 0;
	for (u32 bit = MAXPHYADDR; bit < processor.max_physical_address_width; bit++)
		stray |= 1UL << bit;
	for (u32 i = 0; i < test->word_count; i++)
		if (words[test->first_word + i].value & stray)
			return left_out_width++, 0;
	return (test->eptp | test->spptp) & stray ? left_out_width++, 0 : 1;
}

static void put_header(void)
{
	put("\n{\"schema\":\"intel-machine-record/1\","), put_field("cpuid1", processor.signature);
	put(",\"maxphyaddr\":"), put_decimal(processor.max_physical_address_width);
	put(","), put_field("vmxBasic", processor.vmx_basic), put(","), put_field("secondaryControls", processor.secondary);
	put(","), put_field("eptVpidCap", processor.ept_vpid_cap), put(",\"cases\":"), put_decimal(CASES), put("}\n");
}

void hypervisor(void)
{
	u32 done = 0;
	const char *problem;
	output_start();
	map_own_pages();
	problem = processor_start((u64)guest_pml4);
	put_header();
	if (problem) {
		put("{\"error\":\""), put(problem), put("\"}\n");
		power_off();
	}
	for (u32 i = 0; i < CASES; i++) {
		if (!is_runnable(&cases[i]))
			continue;
		build(&cases[i]);
		set_vmcs(&cases[i]);
		forget_translations();
		put_case(&cases[i]);
		put_observed(&cases[i], enter(&cases[i]));
		done++;
	}
	put("{\"done\":"), put_decimal(done), put(",\"leftOut\":{\"control\":"), put_decimal(left_out_controls);
	put(",\"width\":"), put_decimal(left_out_width), put("}}\n");
	power_off();
}
