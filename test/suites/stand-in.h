#include <stdint.h>

void stand_in_failed(const char *test, uint32_t step, const char *rule, int is_leaf, uint64_t expected, uint64_t found);
uint32_t stand_in_run(uint32_t *steps);
