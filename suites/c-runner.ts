/** What runs the arrays against an implementation: freestanding C, no library, no allocation. */
export const cRunner = `/*
 * The implementation under test. Implement these and call pagewarden_run().
 *
 * reset: all pages of [PAGEWARDEN_RAM_START, PAGEWARDEN_RAM_END) owned by the host, nothing mapped in any guest, the
 *        guests of pagewarden_vms there. Returns 0, or the tests cannot run.
 * call:  makes one call and returns its result.
 * leaf:  the word of a leaf: of the host EPT (table 0) or of a guest's table.
 * table_pages: makes the pool of table pages empty (0) or full again (1); NULL where that cannot be done: the calls
 *        that need it are then passed over.
 * failed: told of the first thing that is wrong in a step; NULL where nobody listens. The suite goes on: a call that
 *        was to be refused is left out of what follows, after one that was to change something the rest of its test is
 *        left out. pagewarden_failures_by_rule counts them by cause.
 */
struct pagewarden_failure {
	const char *test;
	uint32_t step;
	const struct pagewarden_call *call;
	const char *rule;
	/* NULL where the result is wrong; otherwise the leaf that is. */
	const struct pagewarden_leaf *leaf;
	uint64_t expected;
	uint64_t found;
};

struct pagewarden_ops {
	int (*reset)(void *context);
	int32_t (*call)(void *context, const struct pagewarden_call *call);
	uint64_t (*leaf)(void *context, uint32_t table, uint64_t address);
	void (*table_pages)(void *context, int available);
	void (*failed)(void *context, const struct pagewarden_failure *failure);
};

struct pagewarden_result {
	uint32_t tests;
	uint32_t failed;
	uint32_t steps;
	uint32_t passed_over;
	/* Steps that were not as they must be, and those that could not be run after one. */
	uint32_t failures;
	uint32_t left_out;
};

static uint32_t pagewarden_failures_by_rule[PAGEWARDEN_RULES + 1u];

static int32_t pagewarden_make(const struct pagewarden_ops *ops, void *context, const struct pagewarden_call *call)
{
	int32_t ret;

	if (call->no_table_pages)
		ops->table_pages(context, 0);
	ret = ops->call(context, call);
	if (call->no_table_pages)
		ops->table_pages(context, 1);
	return ret;
}

static void pagewarden_expect(uint64_t *expected, const struct pagewarden_step *step)
{
	uint32_t i;

	for (i = 0; i < step->changes; i++) {
		const struct pagewarden_change *change = &pagewarden_changes[step->first_change + i];

		expected[change->leaf] = change->after;
	}
}

static int pagewarden_step_fails(const struct pagewarden_ops *ops, void *context, uint64_t *expected,
				 const struct pagewarden_step *step, struct pagewarden_failure *failure)
{
	uint32_t i;
	int32_t ret;

	failure->call = &pagewarden_calls[step->call];
	failure->rule = pagewarden_rules[step->rule];
	failure->leaf = 0;
	ret = pagewarden_make(ops, context, failure->call);
	pagewarden_expect(expected, step);
	failure->expected = (uint64_t)(int64_t)step->ret;
	failure->found = (uint64_t)(int64_t)ret;
	if (ret != step->ret)
		return 1;
	for (i = 0; i < PAGEWARDEN_LEAVES; i++) {
		failure->leaf = &pagewarden_leaves[i];
		failure->expected = expected[i];
		failure->found = ops->leaf(context, failure->leaf->table, failure->leaf->address);
		if (failure->found != expected[i])
			return 1;
	}
	return 0;
}

/* Starts over, and makes the first calls of a test that change something. Returns 0 where that is as it must be. */
static int pagewarden_restart(const struct pagewarden_ops *ops, void *context, uint64_t *expected,
			      const struct pagewarden_test *test, uint32_t steps)
{
	uint32_t i;

	for (i = 0; i < PAGEWARDEN_LEAVES; i++)
		expected[i] = pagewarden_leaves[i].initial;
	if (ops->reset(context))
		return 1;
	for (i = 0; i < steps; i++) {
		const struct pagewarden_step *step = &pagewarden_steps[test->first_step + i];

		if (!step->changes)
			continue;
		if (pagewarden_make(ops, context, &pagewarden_calls[step->call]) != step->ret)
			return 1;
		pagewarden_expect(expected, step);
	}
	return 0;
}

/* Runs one test from a fresh start. Returns how many of its steps were not as they must be. */
static uint32_t pagewarden_run_test(const struct pagewarden_ops *ops, void *context, uint32_t number,
				    struct pagewarden_result *result)
{
	static uint64_t expected[PAGEWARDEN_LEAVES + 1u];
	const struct pagewarden_test *test = &pagewarden_tests[number];
	struct pagewarden_failure failure;
	uint32_t i, failures = 0;

	result->tests++;
	failure.test = test->key;
	if (pagewarden_restart(ops, context, expected, test, 0)) {
		result->failed++;
		return 1;
	}
	for (i = 0; i < test->steps; i++) {
		const struct pagewarden_step *step = &pagewarden_steps[test->first_step + i];

		if (pagewarden_calls[step->call].no_table_pages && !ops->table_pages) {
			/* Such a call changes nothing, so the rest of the test does not depend on it. */
			result->passed_over++;
			continue;
		}
		result->steps++;
		failure.step = i;
		if (!pagewarden_step_fails(ops, context, expected, step, &failure))
			continue;
		failures++;
		pagewarden_failures_by_rule[step->rule]++;
		if (ops->failed)
			ops->failed(context, &failure);
		if (step->changes || pagewarden_restart(ops, context, expected, test, i)) {
			result->left_out += test->steps - i - 1;
			break;
		}
	}
	result->failures += failures;
	result->failed += failures != 0;
	return failures;
}

/* Runs every test. Returns how many steps were not as they must be; result says how many were run. */
static inline uint32_t pagewarden_run(const struct pagewarden_ops *ops, void *context,
				      struct pagewarden_result *result)
{
	uint32_t i, failures = 0;

	result->tests = 0;
	result->failed = 0;
	result->failures = 0;
	result->steps = 0;
	result->passed_over = 0;
	result->left_out = 0;
	for (i = 0; i < PAGEWARDEN_TESTS; i++)
		failures += pagewarden_run_test(ops, context, i, result);
	return failures;
}
`;
