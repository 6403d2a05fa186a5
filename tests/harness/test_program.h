/* test_program.h: what a generated kernel test program calls. */
#ifndef TEST_PROGRAM_H
#define TEST_PROGRAM_H
#include <stdint.h>

extern void *test_y, *test_scratch;
void test_cases(void); /* generated */

/* Fill the output area and scratch (surrounded by guard bytes) with a pattern. An area is larger than what
 * is in it when an input shares it. */
void test_begin(uint32_t y_bytes, uint32_t scratch_bytes);
/* Put an input into an area that it shares. */
const int8_t *test_place(const int8_t *x, uint32_t bytes, void *to);
/* Compare the output with `want` and look at the guards; prints FAIL lines. */
void test_end(int number, const int8_t *want, uint32_t y_bytes);
/* Empty functions around each case, for the instruction counter. */
void test_mark(void);

#endif
