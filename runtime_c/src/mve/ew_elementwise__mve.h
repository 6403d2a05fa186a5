/* ew_elementwise_s8.h: the bodies in assembly that the bodies with broadcasting call for each row. */
#ifndef EW_ELEMENTWISE__MVE_H
#define EW_ELEMENTWISE__MVE_H

#include "ew_kernels.h"

/* The contracts of ew_add_s8, with a shift of at most 24, and of ew_mul_s8. */
void ew_add_s8__mve(const ew_add_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);
void ew_mul_s8__mve(const ew_mul_s8_t *p, const int8_t *a, const int8_t *b, int8_t *y, void *scratch);

#endif
