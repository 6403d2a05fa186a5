#include "ew_fixed_point.h"
#include "ew_kernels.h"

/* One row of `a` times one column of `b`.
 * Bounds: inner < 2^15 keeps 255 * 255 * inner inside int32. */
static int32_t dot(const ew_matmul_s8_t *p, const int8_t *a, const int8_t *b)
{
    int32_t acc = 0;
    for (uint32_t i = 0; i < p->inner; i++, b += p->cols) {
        acc += (a[i] - p->a_zero) * (*b - p->b_zero);
    }
    return acc;
}

void ew_matmul_s8(const ew_matmul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t n = 0; n < p->batch; n++, a += p->a_stride, b += p->b_stride) {
        const int8_t *row = a;
        for (uint32_t r = 0; r < p->rows; r++, row += p->inner) {
            for (uint32_t c = 0; c < p->cols; c++) {
                *y++ = ew_requantize_s8(dot(p, row, b + c), p->mult, p->shift, p->y_zero, p->act_min, p->act_max);
            }
        }
    }
}
