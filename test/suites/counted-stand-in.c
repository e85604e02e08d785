/* One page of code that counts, written from the facts and from nothing else: what a generated suite is run against. */
#include <stdint.h>
#include <stdio.h>
#include "counted-suite.h"

#define PAGE 0x1000ull
#define RAM 0x400000ull
#define FIRST_GPA 0x10000ull
enum { NONE, OWNED, SHARED_OWNED, SHARED_BORROWED };
enum { HOST, HYP, GUEST };

static struct { unsigned pins, state, owner, hyp, guests; } page;
static uint64_t guest[3][2];

static unsigned leaf_state(uint64_t word) { return (unsigned)(word >> 52) & 3; }
static uint64_t guest_word(unsigned state, int writable) { return ((uint64_t)state << 52) | RAM | (writable ? 0x37 : 0x35); }
static int is_free(void) { return page.state == OWNED && page.owner == HOST && !page.pins; }
static int is_ram(const struct pagewarden_call *call) { return call->hpa >= RAM && call->hpa + call->size <= RAM + PAGE; }
static int is_odd(uint64_t start, uint64_t size) { return !size || (start | size) % PAGE; }
static void set(unsigned state, unsigned owner) { page.state = state; page.owner = owner; }

/* Whether every leaf of the range has this state; -22 beyond the address space. */
static int32_t leaves_are(const struct pagewarden_call *call, unsigned state)
{
	uint64_t at;

	if (call->gpa + call->size > 1ull << 48)
		return -22;
	for (at = call->gpa; at < call->gpa + call->size; at += PAGE) {
		uint64_t place = (at - FIRST_GPA) / PAGE;

		if ((place < 2 ? leaf_state(guest[call->vm][place]) : (unsigned)NONE) != state)
			return -1;
	}
	return 0;
}

static uint64_t *leaf_of(const struct pagewarden_call *call, uint64_t at)
{
	return &guest[call->vm][(at - FIRST_GPA) / PAGE];
}

static void uncount(unsigned *count)
{
	if (--*count == 0)
		page.state = OWNED;
}

static int32_t share(unsigned *count, const unsigned *other)
{
	if (page.owner != HOST || !(page.state == OWNED || (page.state == SHARED_OWNED && !*other)))
		return -1;
	page.state = SHARED_OWNED;
	++*count;
	return 0;
}

static int32_t share_guest(const struct pagewarden_call *call)
{
	int32_t ret;

	if (is_odd(call->gpa, call->size) || is_odd(call->hpa, call->size) || !is_ram(call))
		return -22;
	if (call->vm != 1)
		return -1;
	ret = leaves_are(call, NONE);
	if (!ret)
		ret = share(&page.guests, &page.hyp);
	if (!ret)
		*leaf_of(call, call->gpa) = guest_word(SHARED_BORROWED, (call->prot & 2) != 0);
	return ret;
}

static int32_t donate_guest(const struct pagewarden_call *call)
{
	int32_t ret;

	if (is_odd(call->gpa, call->size) || is_odd(call->hpa, call->size))
		return -22;
	if (call->vm != 2)
		return -1;
	if (!is_ram(call))
		return -22;
#ifdef SEEDED_BUG
	if (page.state != OWNED || page.owner != HOST)
		return -1;
#else
	if (!is_free())
		return -1;
#endif
	ret = leaves_are(call, NONE);
	if (ret)
		return ret;
	set(NONE, GUEST);
	*leaf_of(call, call->gpa) = guest_word(OWNED, 1);
	return 0;
}

static int32_t unshare_guest(const struct pagewarden_call *call)
{
	int32_t ret = is_odd(call->gpa, call->size) ? -22 : leaves_are(call, SHARED_BORROWED);
	uint64_t at;

	for (at = call->gpa; !ret && at < call->gpa + call->size; at += PAGE) {
		*leaf_of(call, at) = 0;
		uncount(&page.guests);
	}
	return ret;
}

static int32_t guests_call(const struct pagewarden_call *call, unsigned from, unsigned to, unsigned state)
{
	int32_t ret = is_odd(call->gpa, call->size) ? -22 : leaves_are(call, from);

	if (ret)
		return ret;
	*leaf_of(call, call->gpa) = guest_word(to, 1);
	page.state = state;
	return 0;
}

static int32_t use_dma(const struct pagewarden_call *call)
{
	if (is_odd(call->hpa, call->size) || (!is_ram(call) && call->hpa < RAM + PAGE))
		return -22;
	if (!is_ram(call) || page.owner != HOST)
		return -1;
	page.pins++;
	return 0;
}

static void unuse_dma(const struct pagewarden_call *call)
{
	if (!is_odd(call->hpa, call->size) && is_ram(call) && page.owner == HOST && page.pins)
		page.pins--;
}

static void teardown(uint32_t vm)
{
	int at;

	for (at = 0; at < 2; at++) {
		if (leaf_state(guest[vm][at]) == SHARED_BORROWED)
			uncount(&page.guests);
		else if (guest[vm][at])
			set(OWNED, HOST);
		guest[vm][at] = 0;
	}
}

static int32_t make_call(void *context, const struct pagewarden_call *call)
{
	(void)context;
	switch (call->op) {
	case PAGEWARDEN_HOST_DONATE_HYP:
	case PAGEWARDEN_HOST_DONATE_HYP_SHARE_RO:
		if (is_odd(call->hpa, call->size) || !is_ram(call))
			return -22;
		if (!is_free())
			return -1;
		set(call->op == PAGEWARDEN_HOST_DONATE_HYP ? NONE : SHARED_BORROWED, HYP);
		return 0;
	case PAGEWARDEN_HYP_DONATE_HOST:
		set(OWNED, HOST);
		return 0;
	case PAGEWARDEN_HOST_SHARE_HYP:
		return !call->size || !is_ram(call) ? -22 : share(&page.hyp, &page.guests);
	case PAGEWARDEN_HOST_UNSHARE_HYP:
		uncount(&page.hyp);
		return 0;
	case PAGEWARDEN_HOST_DONATE_GUEST:
		return donate_guest(call);
	case PAGEWARDEN_HOST_SHARE_GUEST:
		return share_guest(call);
	case PAGEWARDEN_HOST_UNSHARE_GUEST:
		return unshare_guest(call);
	case PAGEWARDEN_GUEST_SHARE_HOST:
		return guests_call(call, OWNED, SHARED_OWNED, SHARED_BORROWED);
	case PAGEWARDEN_GUEST_UNSHARE_HOST:
		return guests_call(call, SHARED_OWNED, OWNED, NONE);
	case PAGEWARDEN_HOST_USE_DMA:
		return use_dma(call);
	case PAGEWARDEN_HOST_UNUSE_DMA:
		unuse_dma(call);
		return 0;
	case PAGEWARDEN_VM_TEARDOWN:
		teardown(call->vm);
		return 0;
	default:
		return -38;
	}
}

static uint64_t leaf(void *context, uint32_t table, uint64_t address)
{
	(void)context;
	if (table == PAGEWARDEN_RECORD)
		return page.pins | (uint64_t)page.state << 24 | (uint64_t)page.owner << 28 | (uint64_t)page.hyp << 32 |
		       (uint64_t)page.guests << 48;
	if (table)
		return guest[table][(address - FIRST_GPA) / PAGE];
	return page.state == NONE ? 0 : page.owner == HYP ? 0x400035 : 0x400037;
}

static int reset(void *context)
{
	(void)context;
	page.pins = page.hyp = page.guests = 0;
	set(OWNED, HOST);
	guest[1][0] = guest[1][1] = guest[2][0] = guest[2][1] = 0;
	return 0;
}

#ifdef KUNIT
const struct pagewarden_ops pagewarden_ops = { reset, make_call, leaf, 0, 0 };
void *pagewarden_context;
#endif

#ifdef KUNIT
int main(void)
{
	return run_kunit();
}
#else
int main(void)
{
	static const struct pagewarden_ops ops = { reset, make_call, leaf, 0, 0 };
	struct pagewarden_result result;
	uint32_t i, failures = pagewarden_run(&ops, 0, &result);

	printf("%u steps, %u failures, %u left out\n", result.steps, failures, result.left_out);
	for (i = 0; i < PAGEWARDEN_RULES; i++)
		if (pagewarden_failures_by_rule[i])
			printf("%u times %s\n", pagewarden_failures_by_rule[i], pagewarden_rules[i]);
	return failures != 0;
}
#endif
