/* stub_golden.c: the self-test; EXPECTED_SUM is filled in from the reference. */
#include "stub.h"

int stub_selftest(void *arena)
{
    stub_t self;
    int sum = 0;
    int status = stub_init(&self, arena, STUB_ARENA_BYTES);
    if (status != EW_OK) {
        return status;
    }
    for (int i = 0; i < 16; i++) {
        int8_t *x = stub_input(&self, i < 10 ? 0 : 1);
        x[i < 10 ? i : i - 10] = (int8_t)i;
    }
    status = stub_run(&self);
    if (status != EW_OK) {
        return status;
    }
    for (int i = 0; i < STUB_OUTPUT0_BYTES; i++) {
        sum += stub_output(&self, 0)[i];
    }
    return sum == EXPECTED_SUM ? EW_OK : EW_ESELFTEST;
}
