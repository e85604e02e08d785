#include <stdio.h>
#include "stand-in.h"

void stand_in_failed(const char *test, uint32_t step, const char *rule, int is_leaf, uint64_t expected, uint64_t found)
{
	printf("%s step %u: %s by %s: expected 0x%llx, found 0x%llx\n", test, step, is_leaf ? "leaf" : "result", rule,
	       (unsigned long long)expected, (unsigned long long)found);
}

int main(void)
{
	uint32_t steps;
	uint32_t failures = stand_in_run(&steps);

	printf("%u steps, %u failures\n", steps, failures);
	return failures != 0;
}
