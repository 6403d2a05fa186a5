/* SPDX-License-Identifier: Apache-2.0 */
/* ew_add_s8__avx2.c: sums of two values of one shape, 16 at a time. */
#include "avx2/ew_kernels__avx2.h"
#include "ew_vectors__avx2.h"

/* (a * a_mult + b * b_mult + offset) >> shift of the first 8 values. */
static inline __m256i sum8(const ew_add_s8_t *p, __m128i a, __m128i b)
{
    const __m256i from_a = _mm256_mullo_epi32(_mm256_cvtepi8_epi32(a), _mm256_set1_epi32(p->a_mult));
    const __m256i from_b = _mm256_mullo_epi32(_mm256_cvtepi8_epi32(b), _mm256_set1_epi32(p->b_mult));
    const __m256i acc = _mm256_add_epi32(_mm256_add_epi32(from_a, from_b), _mm256_set1_epi32(p->offset));
    return _mm256_sra_epi32(acc, _mm_cvtsi32_si128(p->shift));
}

static inline __m128i sum16(const ew_add_s8_t *p, __m128i a, __m128i b)
{
    const __m256i low = sum8(p, a, b);
    const __m256i high = sum8(p, _mm_srli_si128(a, 8), _mm_srli_si128(b, 8));
    const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xD8);
    const __m128i bytes = _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
    return _mm_min_epi8(_mm_max_epi8(bytes, _mm_set1_epi8(p->act_min)), _mm_set1_epi8(p->act_max));
}

void ew_add_s8__avx2(const ew_add_s8_t *params, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const ew_add_s8_t p = *params; /* a copy that stores to y cannot change */
    const uint32_t rest = p.n % 16;
    int8_t last_a[16] = {0}, last_b[16] = {0};
    (void)scratch;
    for (const int8_t *const end = a + (p.n - rest); a != end; a += 16, b += 16, y += 16) {
        const __m128i va = _mm_loadu_si128((const __m128i *)a);
        const __m128i vb = _mm_loadu_si128((const __m128i *)b);
        _mm_storeu_si128((__m128i *)y, sum16(&p, va, vb));
    }
    if (rest) {
        memcpy(last_a, a, rest);
        memcpy(last_b, b, rest);
        const __m128i va = _mm_loadu_si128((const __m128i *)last_a);
        const __m128i vb = _mm_loadu_si128((const __m128i *)last_b);
        ew_store__avx2(y, sum16(&p, va, vb), rest);
    }
}
