#include "ew_kernels.h"
#include "ew_output.h"

/* One row of `a` times one column of `b`.
 * Bounds: inner < 2^15 keeps 255 * 255 * inner inside int32. */
static int32_t dot(const ew_matmul_s8_t *p, const int8_t *a, const int8_t *b)
{
    const int32_t a_zero = p->a_zero, b_zero = p->b_zero;
    const uint32_t cols = p->cols;
    int32_t acc = 0;
    for (const int8_t *const end = a + p->inner; a != end; b += cols) {
        acc += (*a++ - a_zero) * (*b - b_zero);
    }
    return acc;
}

void ew_matmul_s8(const ew_matmul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    const ew_output_t to = {p->y_zero, p->act_min, p->act_max, p->shift};
    const int32_t mult = p->mult;
    (void)scratch;
    for (uint32_t n = 0; n < p->batch; n++, a += p->a_stride, b += p->b_stride) {
        const int8_t *row = a;
        for (uint32_t r = 0; r < p->rows; r++, row += p->inner) {
            for (uint32_t c = 0; c < p->cols; c++) {
                *y++ = ew_output_s8(to, dot(p, row, b + c), mult);
            }
        }
    }
}
