/* SPDX-License-Identifier: Apache-2.0 */
/* ew_widen_w4.h: weights in nibbles, widened to scratch memory before the body for which they are packed runs.
 *
 * w of such a layer, in words: { words of scratch memory that the weights take, even; scale; a packed stream }, where
 * scale is a left shift of every weight. A packed stream is blocks { raw, spans, times, pieces }, `times` pieces of
 * `raw` words to copy and `spans` spans to widen, and ends with a block whose `times` is 0.
 * edgewright/kernels/nibbles.py packs. Byte order: little endian, as of every target. */
#ifndef EW_WIDEN_W4_H
#define EW_WIDEN_W4_H

#include "ew_kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Widen one packed stream; to: 4-byte aligned. Nibbles hold values in [-8, 7]. scale: 0 to 4.
 *   ew_widen_w4        a span is a word, which becomes two words of bytes: low nibbles, then high ones
 *   ew_widen_w4__mve   four words, which become four words of bytes from the low nibbles, then four from the high ones
 *   ew_widen_w4__dsp   a word, which becomes four words of halfwords, from the lowest nibbles up */
typedef void ew_widen_fn(const uint32_t *from, uint32_t scale, uint32_t *to);
ew_widen_fn ew_widen_w4, ew_widen_w4__mve, ew_widen_w4__dsp;

typedef void ew_conv_fn(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, void *scratch);
typedef void ew_fc_fn(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch);

/* The body `run` on widened weights; its own scratch memory follows them. Always inline: calls through pointers would
 * have no bound of the stack. */
#if defined(__GNUC__)
#define EW_INLINE static inline __attribute__((always_inline))
#else
#define EW_INLINE static inline
#endif

EW_INLINE void ew_conv_widened(const ew_conv_s8_t *p, const int8_t *x, int8_t *y, int8_t *scratch, ew_widen_fn *widen,
                               ew_conv_fn *run)
{
    const uint32_t *w = (const uint32_t *)p->w;
    ew_conv_s8_t wide = *p;
    widen(w + 2, w[1], (uint32_t *)(void *)scratch);
    wide.w = scratch;
    run(&wide, x, y, scratch + 4 * w[0]);
}

EW_INLINE void ew_fc_widened(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, int8_t *scratch, ew_widen_fn *widen,
                             ew_fc_fn *run)
{
    const uint32_t *w = (const uint32_t *)p->w;
    ew_fc_s8_t wide = *p;
    widen(w + 2, w[1], (uint32_t *)(void *)scratch);
    wide.w = scratch;
    run(&wide, x, y, scratch + 4 * w[0]);
}

#ifdef __cplusplus
}
#endif

#endif
