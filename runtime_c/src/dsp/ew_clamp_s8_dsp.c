#include "ew_dsp.h"

/* Bytewise: SSUB8 sets the GE flag of each byte where a >= b, SEL takes a there and b elsewhere. */
static uint32_t largest(uint32_t a, uint32_t b)
{
    uint32_t result;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(result) : "r"(a), "r"(b) : "cc");
    return result;
}

static uint32_t smallest(uint32_t a, uint32_t b)
{
    uint32_t result;
    __asm__("ssub8 %0, %2, %1\n\tsel %0, %1, %2" : "=&r"(result) : "r"(a), "r"(b) : "cc");
    return result;
}

void ew_clamp_s8_dsp(int8_t *y, uint32_t n, int32_t act_min, int32_t act_max)
{
    const uint32_t low = ew_four_bytes(act_min), high = ew_four_bytes(act_max);
    if (act_min == -128 && act_max == 127) {
        return;
    }
    for (; n >= 4; n -= 4, y += 4) {
        ew_store_s8x4(y, smallest(largest(ew_load_s8x4(y), low), high));
    }
    for (; n; n--, y++) {
        *y = (int8_t)smallest(largest((uint8_t)*y, low), high);
    }
}
