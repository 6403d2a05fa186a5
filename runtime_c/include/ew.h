/* SPDX-License-Identifier: Apache-2.0 */
/* ew.h: what an application that runs a generated model sees.
 *
 * A generated model NAME offers
 *
 *     int     NAME_init(NAME_t *self, void *arena, size_t arena_bytes);
 *     int8_t *NAME_input(NAME_t *self, unsigned index);
 *     const int8_t *NAME_output(const NAME_t *self, unsigned index);
 *     int     NAME_run(NAME_t *self);
 *
 * Every int result is 0 (EW_OK) or one of the negative codes below.
 */
#ifndef EW_H
#define EW_H

#include <stddef.h>
#include <stdint.h>

#define EW_OK           0
#define EW_EARENA_NULL  (-1) /* arena is a null pointer */
#define EW_EARENA_SMALL (-2) /* arena_bytes is below NAME_ARENA_BYTES */
#define EW_EARENA_ALIGN (-3) /* arena is not aligned to NAME_ARENA_ALIGN */
#define EW_ESELFTEST    (-5) /* the self-test output differs from the golden one */

/* Where weights and parameters are placed; define it to a section attribute to move them. */
#ifndef EW_CONST_SECTION
#define EW_CONST_SECTION
#endif

#if defined(__GNUC__) || defined(__clang__)
#define EW_ALIGNED(bytes) __attribute__((aligned(bytes)))
#else
#define EW_ALIGNED(bytes)
#endif

#endif
