/* SPDX-License-Identifier: Apache-2.0 */
/* ew_gemm__avx2.c: windows of widened input times 16 outputs, by VPMADDWD. */
#include "ew_gemm__avx2.h"

#define INLINE static inline __attribute__((always_inline))

/* Two values as one 32-bit lane, in all lanes. */
INLINE __m256i pair_at(const int16_t *x)
{
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return _mm256_set1_epi32(pair);
}

/* 16 outputs of `count` positions. Bounds: |x| <= 2^7 and |w| <= 127, so VPMADDWD is exact. */
INLINE void block(const ew_layer__avx2_t *layer, const ew_windows__avx2_t *v, const int8_t *w, const int16_t *x,
                  uint32_t first, const uint32_t count, int8_t *y)
{
    const uint32_t left = layer->outputs - first;
    const uint32_t stored = left < EW_AVX2_BLOCK ? left : EW_AVX2_BLOCK;
    const uint32_t pitch = v->position_pitch;
    __m256i low[4], high[4];
#pragma GCC unroll 4
    for (uint32_t p = 0; p < count; p++) {
        low[p] = _mm256_loadu_si256((const __m256i *)(layer->bias + first));
        high[p] = _mm256_loadu_si256((const __m256i *)(layer->bias + first + 8));
    }
    for (uint32_t row = 0; row < v->rows; row++, x += v->row_pitch) {
        const int16_t *run = x;
        for (uint32_t tap = 0; tap < v->taps; tap++, run += v->tap_pitch) {
            for (const int16_t *at = run, *end = run + 2 * v->pairs; at != end; at += 2, w += 32) {
                const __m256i w_low = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)w));
                const __m256i w_high = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(w + 16)));
#pragma GCC unroll 4
                for (uint32_t p = 0; p < count; p++) {
                    const __m256i pair = pair_at(at + p * pitch);
                    low[p] = _mm256_add_epi32(low[p], _mm256_madd_epi16(pair, w_low));
                    high[p] = _mm256_add_epi32(high[p], _mm256_madd_epi16(pair, w_high));
                }
            }
        }
    }
#pragma GCC unroll 4
    for (uint32_t p = 0; p < count; p++) {
        const __m128i bytes = ew_requantize_split__avx2(layer->to, low[p], high[p], layer->mult + first);
        ew_store__avx2(y + p * layer->outputs + first, bytes, stored);
    }
}

void ew_gemm__avx2(const ew_layer__avx2_t *layer, const ew_windows__avx2_t *windows, uint32_t positions, int8_t *y)
{
    const uint32_t block_bytes = windows->rows * windows->taps * windows->pairs * 2 * EW_AVX2_BLOCK;
    uint32_t p = 0;
    for (; p + 4 <= positions; p += 4) {
        const int16_t *x = windows->x + p * windows->position_pitch;
        const int8_t *w = layer->w;
        for (uint32_t o = 0; o < layer->outputs; o += EW_AVX2_BLOCK, w += block_bytes) {
            block(layer, windows, w, x, o, 4, y + p * layer->outputs);
        }
    }
    for (; p < positions; p++) {
        const int16_t *x = windows->x + p * windows->position_pitch;
        const int8_t *w = layer->w;
        for (uint32_t o = 0; o < layer->outputs; o += EW_AVX2_BLOCK, w += block_bytes) {
            block(layer, windows, w, x, o, 1, y + p * layer->outputs);
        }
    }
}
