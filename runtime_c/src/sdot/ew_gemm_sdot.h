/* ew_gemm_sdot.h: the inner part of ew_gemm_s8__sdot. */
#ifndef EW_GEMM_SDOT_H
#define EW_GEMM_SDOT_H

#include <stdint.h>

/* x: rows x_pitch bytes apart. y: rows out_c bytes apart, out_c >= 16.
 * w: `blocks` blocks of sixteen outputs, the last of which goes to the last outputs of a row; each its bias int32,
 * sixteen outputs for each four inputs, half of mult int32.
 * is_narrow: no scaled sum leaves int16 (zero point included), shift is 0 and there are no limits. */
typedef struct {
    const int8_t *x;
    uint64_t x_pitch;
    int8_t *y;
    uint64_t out_c;
    const int8_t *w;
    uint64_t k, blocks, groups;
    uint64_t is_narrow, unused;
    int32_t zero[16]; /* y_zero in each */
    int32_t shift[4];
    int8_t min[16], max[16];
} ew_gemm_sdot_t;

/* `groups` groups of four rows, or of one. */
void ew_gemm_fours_sdot(const ew_gemm_sdot_t *g);
void ew_gemm_ones_sdot(const ew_gemm_sdot_t *g);

#endif
