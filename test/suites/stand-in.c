/*
 * A page-state API in a few lines of C, written from the text of seed 004 and independent of the model: what a
 * generated suite is tried on. SEEDED_BUG leaves out one check.
 */
#include "suite.h"
#include "stand-in.h"

#define PAGE 0x1000ull
#define MMIO 0xfee00000ull
#define MAX_PAGES 16
#define MAX_GUESTS 8
#define FIRST_GPA 0x10000ull

enum { NOPAGE, OWNED, SHARED_OWNED, SHARED_BORROWED };

static uint64_t host[MAX_PAGES], guest[MAX_GUESTS][MAX_PAGES];
static int pool_is_empty;

static uint64_t state_bits(unsigned state) { return (uint64_t)state << 56; }
static unsigned state_of(uint64_t leaf) { return (unsigned)(leaf >> 56) & 3; }
static uint64_t page_of(uint64_t leaf) { return leaf & 0x000ffffffffff000ull; }
static uint64_t *host_leaf(uint64_t hpa) { return &host[(hpa - PAGEWARDEN_RAM_START) / PAGE]; }
static uint64_t *guest_leaf(uint32_t vm, uint64_t gpa) { return &guest[vm][(gpa - FIRST_GPA) / PAGE]; }
static int is_ram(uint64_t hpa) { return hpa >= PAGEWARDEN_RAM_START && hpa < PAGEWARDEN_RAM_END; }

static int reset(void *context)
{
	uint32_t i, j;

	(void)context;
	for (i = 0; i < MAX_PAGES; i++)
		host[i] = (PAGEWARDEN_RAM_START + i * PAGE) | 0x37 | state_bits(OWNED);
	for (i = 0; i < MAX_GUESTS; i++)
		for (j = 0; j < MAX_PAGES; j++)
			guest[i][j] = 0;
	return 0;
}

static const struct pagewarden_vm *vm_named(uint32_t id)
{
	uint32_t i;

	for (i = 0; i < PAGEWARDEN_VMS; i++)
		if (pagewarden_vms[i].id == id)
			return &pagewarden_vms[i];
	return 0;
}

static int32_t arguments(const struct pagewarden_call *call)
{
	int names_hpa = call->op != PAGEWARDEN_GUEST_SHARE_HOST && call->op != PAGEWARDEN_GUEST_UNSHARE_HOST;
	int names_gpa = call->op != PAGEWARDEN_HOST_DONATE_HYP && call->op != PAGEWARDEN_HYP_DONATE_HOST;
	int maps = call->op == PAGEWARDEN_HOST_SHARE_GUEST || call->op == PAGEWARDEN_HOST_DONATE_GUEST;
	int ram_only = maps || call->op == PAGEWARDEN_HOST_DONATE_HYP || call->op == PAGEWARDEN_HYP_DONATE_HOST;
	uint64_t at;

	if (!call->size || (call->size | call->hpa | call->gpa) % PAGE)
		return -22;
	if ((names_hpa && call->hpa + call->size < call->hpa) || (names_gpa && call->gpa + call->size < call->gpa))
		return -22;
	if (names_gpa && !vm_named(call->vm))
		return -22;
	if (maps && (!(call->prot & 7) || (call->prot & 3) == 2))
		return -22;
	for (at = 0; ram_only && at < call->size; at += PAGE)
		if (!is_ram(call->hpa + at))
			return -22;
	if (call->op == PAGEWARDEN_HOST_SHARE_GUEST && vm_named(call->vm)->is_protected)
		return -1;
	if (call->op == PAGEWARDEN_HOST_DONATE_GUEST && !vm_named(call->vm)->is_protected)
		return -1;
	return 0;
}

/* The checks of one page: of the initiator, or of the completer. */
static int32_t check(const struct pagewarden_call *call, uint64_t hpa, uint64_t gpa, int completer)
{
	uint64_t h = is_ram(hpa) ? *host_leaf(hpa) : 0;
	uint64_t g = call->vm && call->vm < MAX_GUESTS ? *guest_leaf(call->vm, gpa) : 0;

	switch (call->op) {
	case PAGEWARDEN_HOST_DONATE_HYP:
		return completer || state_of(h) == OWNED ? 0 : -1;
	case PAGEWARDEN_HYP_DONATE_HOST:
#ifdef SEEDED_BUG
		return state_of(h) == NOPAGE ? 0 : -1; /* whoever owns it */
#else
		return h == 0 ? 0 : -1;
#endif
	case PAGEWARDEN_HOST_SHARE_GUEST:
	case PAGEWARDEN_HOST_DONATE_GUEST:
		return (completer ? g == 0 : state_of(h) == OWNED) ? 0 : -1;
	case PAGEWARDEN_HOST_UNSHARE_GUEST:
		if (!completer)
			return state_of(h) == SHARED_OWNED ? 0 : -1;
		return state_of(g) == SHARED_BORROWED && page_of(g) == hpa ? 0 : -1;
	case PAGEWARDEN_HOST_UNDONATE_GUEST:
		if (!completer)
			return (state_of(g) == OWNED || state_of(g) == SHARED_OWNED) && page_of(g) == hpa ? 0 : -1;
		return state_of(h) == (state_of(g) == OWNED ? NOPAGE : SHARED_BORROWED) ? 0 : -1;
	case PAGEWARDEN_GUEST_SHARE_HOST:
		if (!completer)
			return !(g & 7) ? -22 : state_of(g) == OWNED ? 0 : -1;
		return h == (uint64_t)call->vm * PAGE ? 0 : -1;
	default:
		if (!completer)
			return !(g & 7) ? -22 : state_of(g) == SHARED_OWNED ? 0 : -1;
		return state_of(h) == SHARED_BORROWED ? 0 : -1;
	}
}

static void apply(const struct pagewarden_call *call, uint64_t hpa, uint64_t gpa)
{
	uint64_t *h = host_leaf(hpa), *g = guest_leaf(call->vm, gpa);
	uint64_t mapped = hpa | 0x37;

	switch (call->op) {
	case PAGEWARDEN_HOST_DONATE_HYP: *h = 0; break;
	case PAGEWARDEN_HYP_DONATE_HOST: *h = mapped | state_bits(OWNED); break;
	case PAGEWARDEN_HOST_SHARE_GUEST:
		*h = mapped | state_bits(SHARED_OWNED);
		*g = hpa | call->prot | state_bits(SHARED_BORROWED);
		break;
	case PAGEWARDEN_HOST_DONATE_GUEST:
		*h = (uint64_t)call->vm * PAGE;
		*g = hpa | call->prot | state_bits(OWNED);
		break;
	case PAGEWARDEN_HOST_UNSHARE_GUEST:
	case PAGEWARDEN_HOST_UNDONATE_GUEST:
		*h = mapped | state_bits(OWNED);
		*g = 0;
		break;
	case PAGEWARDEN_GUEST_SHARE_HOST:
		*h = mapped | state_bits(SHARED_BORROWED);
		*g = (*g & ~state_bits(3)) | state_bits(SHARED_OWNED);
		break;
	default:
		*h = (uint64_t)call->vm * PAGE;
		*g = (*g & ~state_bits(3)) | state_bits(OWNED);
		break;
	}
}

static int32_t make_call(void *context, const struct pagewarden_call *call)
{
	int is_guests = call->op == PAGEWARDEN_GUEST_SHARE_HOST || call->op == PAGEWARDEN_GUEST_UNSHARE_HOST;
	int maps = call->op == PAGEWARDEN_HOST_SHARE_GUEST || call->op == PAGEWARDEN_HOST_DONATE_GUEST;
	int32_t ret = arguments(call);
	int completer;
	uint64_t at;

	(void)context;
	for (completer = 0; completer < 2; completer++)
		for (at = 0; !ret && at < call->size; at += PAGE) {
			uint64_t gpa = call->gpa + at;
			uint64_t hpa = is_guests ? page_of(*guest_leaf(call->vm, gpa)) : call->hpa + at;

			ret = check(call, hpa, gpa, completer);
		}
	if (!ret && maps && pool_is_empty)
		return -12;
	for (at = 0; !ret && at < call->size; at += PAGE) {
		uint64_t gpa = call->vm ? call->gpa + at : FIRST_GPA;

		apply(call, is_guests ? page_of(*guest_leaf(call->vm, gpa)) : call->hpa + at, gpa);
	}
	return ret;
}

static uint64_t leaf(void *context, uint32_t table, uint64_t address)
{
	(void)context;
	if (table)
		return *guest_leaf(table, address);
	return address >= MMIO ? (address | 7 | state_bits(OWNED)) : *host_leaf(address);
}

static void table_pages(void *context, int available)
{
	(void)context;
	pool_is_empty = !available;
}

static void failed(void *context, const struct pagewarden_failure *failure)
{
	stand_in_failed(failure->test, failure->step, failure->rule, failure->leaf ? 1 : 0, failure->expected,
			failure->found);
	(void)context;
}

uint32_t stand_in_run(uint32_t *steps)
{
	static const struct pagewarden_ops ops = { reset, make_call, leaf, table_pages, failed };
	struct pagewarden_result result;
	uint32_t count = pagewarden_run(&ops, 0, &result);

	*steps = result.steps;
	return count;
}
