/* SPDX-License-Identifier: Apache-2.0 */
/* ew_layout.h: stops the compiler where a struct is not laid out as the assembly that reads it expects. */
#ifndef EW_LAYOUT_H
#define EW_LAYOUT_H

#include <stddef.h>

/* EW_LAYOUT(type, n, field, offset, ...): the n fields that assembly reads, and where. */
#define EW_LAYOUT(type, n, ...) typedef char type##_layout[EW_AT_##n(type, __VA_ARGS__) ? 1 : -1]

#define EW_AT_1(type, field, at)       (offsetof(type, field) == (at))
#define EW_AT_2(type, field, at, ...)  (EW_AT_1(type, field, at) && EW_AT_1(type, __VA_ARGS__))
#define EW_AT_3(type, field, at, ...)  (EW_AT_1(type, field, at) && EW_AT_2(type, __VA_ARGS__))
#define EW_AT_4(type, field, at, ...)  (EW_AT_1(type, field, at) && EW_AT_3(type, __VA_ARGS__))
#define EW_AT_5(type, field, at, ...)  (EW_AT_1(type, field, at) && EW_AT_4(type, __VA_ARGS__))
#define EW_AT_6(type, field, at, ...)  (EW_AT_1(type, field, at) && EW_AT_5(type, __VA_ARGS__))
#define EW_AT_7(type, field, at, ...)  (EW_AT_1(type, field, at) && EW_AT_6(type, __VA_ARGS__))
#define EW_AT_8(type, field, at, ...)  (EW_AT_1(type, field, at) && EW_AT_7(type, __VA_ARGS__))
#define EW_AT_9(type, field, at, ...)  (EW_AT_1(type, field, at) && EW_AT_8(type, __VA_ARGS__))
#define EW_AT_10(type, field, at, ...) (EW_AT_1(type, field, at) && EW_AT_9(type, __VA_ARGS__))
#define EW_AT_11(type, field, at, ...) (EW_AT_1(type, field, at) && EW_AT_10(type, __VA_ARGS__))
#define EW_AT_12(type, field, at, ...) (EW_AT_1(type, field, at) && EW_AT_11(type, __VA_ARGS__))
#define EW_AT_13(type, field, at, ...) (EW_AT_1(type, field, at) && EW_AT_12(type, __VA_ARGS__))
#define EW_AT_14(type, field, at, ...) (EW_AT_1(type, field, at) && EW_AT_13(type, __VA_ARGS__))
#define EW_AT_15(type, field, at, ...) (EW_AT_1(type, field, at) && EW_AT_14(type, __VA_ARGS__))
#define EW_AT_16(type, field, at, ...) (EW_AT_1(type, field, at) && EW_AT_15(type, __VA_ARGS__))
#define EW_AT_17(type, field, at, ...) (EW_AT_1(type, field, at) && EW_AT_16(type, __VA_ARGS__))

#endif
