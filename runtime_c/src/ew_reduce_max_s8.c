#include "ew_kernels.h"

void ew_reduce_max_s8(const ew_reduce_s8_t *p, const int8_t *x, int8_t *y, void *scratch)
{
    (void)scratch;
    for (uint32_t o = 0; o < p->outer; o++, y += p->inner) {
        for (uint32_t i = 0; i < p->inner; i++) {
            y[i] = *x++;
        }
        for (uint32_t k = 1; k < p->n; k++) {
            for (uint32_t i = 0; i < p->inner; i++, x++) {
                y[i] = (p->is_max ? *x > y[i] : *x < y[i]) ? *x : y[i];
            }
        }
    }
}
