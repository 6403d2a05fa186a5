/* SPDX-License-Identifier: Apache-2.0 */
/* ew_layer_norm_s8.c: layer normalisation with an integer square root. */
#include "ew_fixed_point.h"
#include "ew_kernels.h"

/* Largest r with r * r <= v < 2^62, one bit at a time. */
static uint32_t square_root(uint64_t v)
{
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << 60; bit; bit >>= 2) {
        if (v >= root + bit) {
            v -= root + bit;
            root = (root >> 1) + bit;
        } else {
            root >>= 1;
        }
    }
    return (uint32_t)root;
}

/* 2^27 * d / sqrt(v) is d * mantissa >> shift. */
typedef struct {
    int32_t mantissa;
    int shift;
} reciprocal_root_t;

/* Bounds: 1 <= v < 2^62, so 2^30 <= square root < 2^31 after normalising, and its reciprocal is 2^31 at most. */
static reciprocal_root_t reciprocal_root(uint64_t v)
{
    int k = 0;
    while (v < ((uint64_t)1 << 60)) {
        v <<= 2;
        k++;
    }
    const uint64_t wide = ((uint64_t)1 << 61) / square_root(v);
    const reciprocal_root_t r = {wide > INT32_MAX ? INT32_MAX : (int32_t)wide, 34 - k};
    return r;
}

void ew_layer_norm_s8(const ew_layer_norm_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const int32_t n = (int32_t)p->n;
    (void)scratch;
    for (uint32_t r = 0; r < p->rows; r++, x += n, y += n) {
        int32_t sum = 0;
        uint32_t squares = 0; /* Bounds: 2^16 * 2^14 */
        for (int32_t i = 0; i < n; i++) {
            sum += x[i];
            squares += (uint32_t)(x[i] * x[i]);
        }
        /* Bounds: below 2^46. */
        const uint64_t variance = (uint64_t)p->n * squares - (uint64_t)((int64_t)sum * sum);
        const reciprocal_root_t inv = reciprocal_root((variance << 14) + p->epsilon);
        for (int32_t i = 0; i < n; i++) {
            const int64_t wide = (int64_t)(n * x[i] - sum) * inv.mantissa; /* Bounds: 2^24 * 2^31 */
            const int32_t q = (int32_t)((wide + ((int64_t)1 << (inv.shift - 1))) >> inv.shift);
            const int32_t acc = ew_mul_hi_round_s32(q, p->gamma_mult[i]) + p->beta[i];
            y[i] = (int8_t)ew_clamp_s32(acc >> 8, -128, 127);
        }
    }
}
