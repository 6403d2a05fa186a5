/* SPDX-License-Identifier: Apache-2.0 */
/* ew_lut_s8__neon.c: any function of one value, sixteen look-ups at a time. */
#include <arm_neon.h>
#include <string.h>

#include "neon/ew_kernels__neon.h"

typedef struct {
    int8x16x4_t quarter[4];
} table_t;

/* TBL gives 0, and TBX leaves alone, what lies outside the 64 entries of a quarter. */
static inline int8x16_t sixteen(int8x16_t x, const table_t *table)
{
    const uint8x16_t quarter = vdupq_n_u8(64);
    uint8x16_t index = veorq_u8(vreinterpretq_u8_s8(x), vdupq_n_u8(128));
    int8x16_t y = vqtbl4q_s8(table->quarter[0], index);
    for (int i = 1; i < 4; i++) {
        index = vsubq_u8(index, quarter);
        y = vqtbx4q_s8(y, table->quarter[i], index);
    }
    return y;
}

/* The last elements pass through a copy, as y may be x. */
void ew_lut_s8__neon(const ew_lut_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    table_t table;
    uint32_t n = p->n;
    (void)scratch;
    for (int i = 0; i < 4; i++) {
        table.quarter[i] = vld1q_s8_x4(p->table + 64 * i);
    }
    for (; n >= 16; n -= 16, x += 16, y += 16) {
        vst1q_s8(y, sixteen(vld1q_s8(x), &table));
    }
    if (n) {
        int8_t last[16] = {0};
        memcpy(last, x, n);
        vst1q_s8(last, sixteen(vld1q_s8(last), &table));
        memcpy(y, last, n);
    }
}
