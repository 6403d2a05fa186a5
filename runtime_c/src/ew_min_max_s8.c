#include "ew_broadcast.h"

void ew_min_max_s8(const ew_min_max_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch)
{
    ew_broadcast_row_t row = ew_broadcast_begin(&p->shape);
    (void)scratch;
    do {
        const int8_t *pa = a + row.a;
        const int8_t *pb = b + row.b;
        for (uint32_t i = 0; i < row.n; i++, pa += row.a_step, pb += row.b_step) {
            const int8_t low = *pa < *pb ? *pa : *pb;
            const int8_t high = *pa < *pb ? *pb : *pa;
            *y++ = p->is_max ? high : low;
        }
    } while (ew_broadcast_next(&p->shape, &row));
}
