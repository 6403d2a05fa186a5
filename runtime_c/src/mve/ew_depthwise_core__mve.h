/* SPDX-License-Identifier: Apache-2.0 */
/* ew_depthwise_core__mve.h: the two halves of a depthwise layer on MVE: cells, and windows over them.
 *
 * A cell is 64 bytes: for each of 16 channels, four positions next to each other along one axis of the image
 * ("across"). Cells follow each other along the other axis ("along"). A gather of four words then fetches a
 * patch of 4 x 4 positions of one channel, and each VMLADAV with a 4 x 4 weight pattern gives one output. */
#ifndef EW_DEPTHWISE_CORE__MVE_H
#define EW_DEPTHWISE_CORE__MVE_H

#include "c/ew_layout.h"
#include "ew_kernels.h"

#define EW_CELL_BYTES    64
#define EW_CELL_CHANNELS 16

/* `cells` cells from four lines; line j moves by step[j] bytes from one cell to the next (0 for a line outside
 * the image, which is 16 bytes of x_zero). Only `channels` bytes, 1 to 16, of each line are read. */
typedef struct {
    const int8_t *line[4];
    uint32_t step[4];
    int8_t *to;
    uint32_t cells, channels; /* cells > 0 */
} ew_cells__mve_t;
EW_LAYOUT(ew_cells__mve_t, 5, line, 0, step, 16, to, 32, cells, 36, channels, 40);

void ew_cells__mve(const ew_cells__mve_t *c);

/* Outputs of one strip of cells for consecutive channels, in blocks of four:
 *   pairs    2 along x 2 across from one patch; the next one is two cells on
 *   single   4 along from two patches, two cells apart; 1 across
 *   line     4 along from one patch whose bytes and words all are positions along; the next one is a cell on
 *   patches  4 along, each from a patch of its own, one cell apart
 * Blocks are taken two at a time; the last one or two are stored under a mask.
 * w: per channel 16 bytes, the pattern of the first output of a patch; its zeros let the patterns of the
 *   others be read from lower addresses. bias_mult: per channel int32 bias, int32 mult halved. */
typedef struct {
    const int8_t *w;
    const int32_t *bias_mult;
    int8_t *y;
    const int8_t *cells;
    uint32_t channels;     /* 1 or more */
    uint32_t y_channel;    /* bytes from one channel's outputs to the next's */
    uint32_t y_two_blocks; /* bytes from a block's outputs to those two blocks on */
    uint32_t twos;         /* pairs of blocks before the last one or two */
    uint32_t last_is_two;  /* whether the last store is of two blocks */
    uint32_t mask;         /* predicate of the last store, bit pairs per output */
    int32_t y_zero;
    uint16_t offset[8]; /* of output i of the block at 2i, of the next block at 2i + 1 */
    uint32_t word[4];   /* offsets of the four words of a patch */
} ew_depthwise_core__mve_t;
EW_LAYOUT(ew_depthwise_core__mve_t, 13, w, 0, bias_mult, 4, y, 8, cells, 12, channels, 16, y_channel, 20, y_two_blocks,
          24, twos, 28, last_is_two, 32, mask, 36, y_zero, 40, offset, 44, word, 60);

void ew_depthwise_core_pairs__mve(const ew_depthwise_core__mve_t *d);
void ew_depthwise_core_single__mve(const ew_depthwise_core__mve_t *d);
void ew_depthwise_core_line__mve(const ew_depthwise_core__mve_t *d);
void ew_depthwise_core_patches__mve(const ew_depthwise_core__mve_t *d);

/* Outputs of one row for consecutive channels, whose windows are any number of vectors of four words.
 * w: per channel [vectors][16] patterns. words: [vectors][4] offsets of the words of a window, which may be read
 * for three outputs more than there are. bias_mult: as above. */
typedef struct {
    const int8_t *w;
    const int32_t *bias_mult;
    int8_t *y;
    const int8_t *cells;
    const uint32_t *words;
    uint32_t channels;  /* 1 or more */
    uint32_t y_channel; /* bytes from one channel's outputs to the next's */
    uint32_t vectors;   /* 1 or more */
    uint32_t cell_step; /* bytes from one output's window to the next one's */
    uint32_t y_step;
    uint32_t out; /* outputs of the row */
    int32_t y_zero;
} ew_depthwise_any__mve_t;
EW_LAYOUT(ew_depthwise_any__mve_t, 12, w, 0, bias_mult, 4, y, 8, cells, 12, words, 16, channels, 20, y_channel, 24,
          vectors, 28, cell_step, 32, y_step, 36, out, 40, y_zero, 44);

void ew_depthwise_any_core__mve(const ew_depthwise_any__mve_t *d);

#endif
