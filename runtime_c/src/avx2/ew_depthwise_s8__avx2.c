/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_s8__avx2.c: depthwise convolution without multiplier. w: int16 [blocks of 16 channels][pairs of
 * taps][16][2]; bias and mult by block; channels in the order of ew_requantize_split__avx2. */
#include "avx2/ew_kernels__avx2.h"
#include "c/ew_taps.h"
#include "ew_vectors__avx2.h"

/* The first n of 16 channels as int16. */
static inline __m256i channels_at(const int8_t *x, uint32_t n)
{
    int8_t some[16] = {0};
    if (n == 16) {
        return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)x));
    }
    if (n == 8) {
        return _mm256_cvtepi8_epi16(_mm_loadl_epi64((const __m128i *)x));
    }
    memcpy(some, x, n);
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)some));
}

/* The first n of 16 channels of one position; w [tap pairs][2][16], interleaved for VPMADDWD.
 * Bounds: |x| <= 2^7 and |w| <= 127, so VPMADDWD is exact. */
static inline __m128i block(ew_output__avx2_t to, const int8_t *const *taps, const int8_t *const *end, uint32_t channel,
                            uint32_t n, const int16_t *w, const int32_t *bias, const int32_t *mult)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)bias);
    __m256i high = _mm256_loadu_si256((const __m256i *)(bias + 8));
    for (; taps != end; taps += 2, w += 32) {
        const __m256i a = channels_at(taps[0] + channel, n);
        const __m256i b = channels_at(taps[1] + channel, n);
        const __m256i w_low = _mm256_loadu_si256((const __m256i *)w);
        const __m256i w_high = _mm256_loadu_si256((const __m256i *)(w + 16));
        low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(a, b), w_low));
        high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(a, b), w_high));
    }
    return ew_requantize_split__avx2(to, low, high, mult);
}

/* All channels of one position. A tail behind whole blocks is computed as a block that ends with the last channel. */
static void one_position(const ew_conv_s8_t *p, ew_output__avx2_t to, const int8_t *const *taps,
                         const int8_t *const *end, int8_t *y)
{
    const uint32_t channels = p->out_c;
    const int16_t *w = (const int16_t *)p->w;
    const int32_t *bias = p->bias;
    const int32_t *mult = p->mult;
    const uint32_t block_values = (uint32_t)(end - taps) * EW_AVX2_BLOCK;
    if (channels < EW_AVX2_BLOCK) {
        ew_store__avx2(y, block(to, taps, end, 0, channels, w, bias, mult), channels);
        return;
    }
    for (uint32_t first = 0; first < channels; first += EW_AVX2_BLOCK) {
        const uint32_t c = first + EW_AVX2_BLOCK <= channels ? first : channels - EW_AVX2_BLOCK;
        ew_store__avx2(y + c, block(to, taps, end, c, EW_AVX2_BLOCK, w, bias, mult), EW_AVX2_BLOCK);
        w += block_values;
        bias += EW_AVX2_BLOCK;
        mult += EW_AVX2_BLOCK;
    }
}

void ew_depthwise_s8__avx2(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    const uint32_t count = (uint32_t)p->k_h * p->k_w;
    const int8_t **const taps = (const int8_t **)scratch;
    const int8_t **const end = taps + (count + 1) / 2 * 2;
    int8_t *const outside = (int8_t *)end;
    const ew_output__avx2_t to = ew_output__avx2(p->y_zero, p->act_min, p->act_max);
    memset(outside, p->x_zero, p->in_c);
    end[-1] = outside; /* the partner of an odd tap; its weights are 0 */
    for (int32_t r = 0; r < p->out_h; r++) {
        int inside = 0;
        for (int32_t q = 0; q < p->out_w; q++, y += p->out_c) {
            inside = ew_taps_next(p, x, outside, r, q, taps, 1, inside);
            one_position(p, to, taps, end, y);
        }
    }
}
