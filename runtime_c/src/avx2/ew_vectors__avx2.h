/* SPDX-License-Identifier: Apache-2.0 */
/* ew_vectors__avx2.h: what the AVX2 kernels share: widening, requantization of 16 outputs, partial stores. */
#ifndef EW_VECTORS__AVX2_H
#define EW_VECTORS__AVX2_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define EW_AVX2_BLOCK 16 /* channels of a block */

/* What turns sums into outputs, the same for all channels of a layer. */
typedef struct {
    __m256i zero;
    __m128i act_min, act_max;
} ew_output__avx2_t;

static inline ew_output__avx2_t ew_output__avx2(int8_t y_zero, int8_t act_min, int8_t act_max)
{
    const ew_output__avx2_t to = {_mm256_set1_epi32(y_zero), _mm_set1_epi8(act_min), _mm_set1_epi8(act_max)};
    return to;
}

/* (acc * mult + 2^31) >> 32 in each of 8 lanes; the even and the odd lanes as 64-bit products. */
static inline __m256i ew_mul_hi_round__avx2(__m256i acc, __m256i mult)
{
    const __m256i half = _mm256_set1_epi64x((int64_t)1 << 31);
    const __m256i even = _mm256_add_epi64(_mm256_mul_epi32(acc, mult), half);
    const __m256i odd_product = _mm256_mul_epi32(_mm256_srli_epi64(acc, 32), _mm256_srli_epi64(mult, 32));
    const __m256i odd = _mm256_add_epi64(odd_product, half);
    return _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xAA);
}

/* 16 outputs of 16 sums: lanes 0 to 3 of `low`, of `high`, lanes 4 to 7 of `low`, of `high`. */
static inline __m128i ew_requantize_split__avx2(ew_output__avx2_t to, __m256i low, __m256i high, const int32_t *mult)
{
    const __m256i mult_low = _mm256_loadu_si256((const __m256i *)mult);
    const __m256i mult_high = _mm256_loadu_si256((const __m256i *)(mult + 8));
    low = _mm256_add_epi32(ew_mul_hi_round__avx2(low, mult_low), to.zero);
    high = _mm256_add_epi32(ew_mul_hi_round__avx2(high, mult_high), to.zero);
    const __m256i words = _mm256_packs_epi32(low, high);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    return _mm_min_epi8(_mm_max_epi8(bytes, to.act_min), to.act_max);
}

/* The first n of 16 bytes, 1 <= n <= 16. */
static inline void ew_store__avx2(int8_t *y, __m128i bytes, uint32_t n)
{
    int8_t all[16];
    if (n == 16) {
        _mm_storeu_si128((__m128i *)y, bytes);
    } else if (n == 8) {
        _mm_storel_epi64((__m128i *)y, bytes);
    } else {
        _mm_storeu_si128((__m128i *)all, bytes);
        memcpy(y, all, n);
    }
}

/* wide[i] = x[i], i < n; returns the end. */
static inline int16_t *ew_widen__avx2(int16_t *wide, const int8_t *x, uint32_t n)
{
    uint32_t i = 0;
    for (; i + 16 <= n; i += 16) {
        const __m256i v = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(x + i)));
        _mm256_storeu_si256((__m256i *)(wide + i), v);
    }
    for (; i < n; i++) {
        wide[i] = x[i];
    }
    return wide + n;
}

#endif
