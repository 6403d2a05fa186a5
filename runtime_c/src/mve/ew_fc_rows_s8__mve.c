#include "mve/ew_gemm_s8.h"

void ew_fc_rows_s8__mve(const ew_fc_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    ew_gemm_s8_t g = {.x = x,
                      .y = y,
                      .w = p->w,
                      .x_step = p->in_features,
                      .y_step = p->out_features,
                      .pixels = p->rows,
                      .in_bytes = p->in_features,
                      .out_c = p->out_features,
                      .y_zero = p->y_zero,
                      .act_min = p->act_min,
                      .act_max = p->act_max};
    ew_gemm_bounded_s8__mve(&g, x + p->rows * p->in_features, scratch);
}
