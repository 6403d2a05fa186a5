/* SPDX-License-Identifier: Apache-2.0 */
/* ew_avg_pool_s8__avx2.c: average pooling of 16 channels or more, 16 at a time. */
#include "avx2/ew_kernels__avx2.h"
#include "c/ew_window.h"
#include "ew_vectors__avx2.h"

/* Sums of 16 channels over the part of the window inside the input, from `start`, x at the first channel. */
static inline __m128i average(const ew_pool_s8_t *p, const int8_t *x, ew_span_t rows, ew_span_t cols, __m256i start,
                              __m256i mult, ew_output__avx2_t to)
{
    const int32_t channels = p->channels;
    __m256i low = start, high = start;
    for (int32_t i = rows.first; i < rows.last; i++) {
        const int32_t row = rows.origin + i * p->dilation_h;
        const int8_t *seen = x + (row * p->in_w + cols.origin + cols.first * p->dilation_w) * channels;
        for (int32_t j = cols.first; j < cols.last; j++, seen += p->dilation_w * channels) {
            const __m128i v = _mm_loadu_si128((const __m128i *)seen);
            low = _mm256_add_epi32(low, _mm256_cvtepi8_epi32(v));
            high = _mm256_add_epi32(high, _mm256_cvtepi8_epi32(_mm_srli_si128(v, 8)));
        }
    }
    low = _mm256_add_epi32(ew_mul_hi_round__avx2(low, mult), to.zero);
    high = _mm256_add_epi32(ew_mul_hi_round__avx2(high, mult), to.zero);
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    return _mm_min_epi8(_mm_max_epi8(bytes, to.act_min), to.act_max);
}

/* channels >= 16; a tail behind whole blocks is computed as a block that ends with the last channel. */
void ew_avg_pool_s8__avx2(const ew_pool_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const ew_output__avx2_t to = ew_output__avx2(p->y_zero, p->act_min, p->act_max);
    const int32_t channels = p->channels;
    (void)scratch;
    for (int32_t r = 0; r < p->out_h; r++) {
        const ew_span_t rows = ew_span_inside(r * p->stride_h - p->pad_top, p->dilation_h, p->k_h, p->in_h);
        for (int32_t q = 0; q < p->out_w; q++, y += channels) {
            const ew_span_t cols = ew_span_inside(q * p->stride_w - p->pad_left, p->dilation_w, p->k_w, p->in_w);
            const int32_t valid = (rows.last - rows.first) * (cols.last - cols.first);
            const __m256i mult = _mm256_set1_epi32(p->mult[p->mult_is_uniform ? 0 : valid - p->count_min]);
            const __m256i start = _mm256_set1_epi32(-valid * p->x_zero);
            for (int32_t first = 0; first < channels; first += EW_AVX2_BLOCK) {
                const int32_t c = first + EW_AVX2_BLOCK <= channels ? first : channels - EW_AVX2_BLOCK;
                _mm_storeu_si128((__m128i *)(y + c), average(p, x + c, rows, cols, start, mult, to));
            }
        }
    }
}
