/* SPDX-License-Identifier: Apache-2.0 */
/* ew_simd__dsp.h: the instructions that the kernels here use, of Armv6 and of the Armv7E-M and Armv8-M DSP extension,
 * and what is shared around them. Needs unaligned LDR and STR (UNALIGN_TRP off, the reset state; on Linux always). */
#ifndef EW_SIMD__DSP_H
#define EW_SIMD__DSP_H

#include <stdint.h>

typedef uint32_t __attribute__((aligned(1), may_alias)) ew_any_u32_t;
typedef int16_t __attribute__((may_alias)) ew_half_s16_t;

/* Four int8 at any address, the first one in the low byte. */
static inline uint32_t ew_load_s8x4(const int8_t *from)
{
    return *(const ew_any_u32_t *)from;
}

static inline void ew_store_s8x4(int8_t *to, uint32_t four)
{
    *(ew_any_u32_t *)to = four;
}

/* Bytes 0 and 2 as two int16. */
static inline uint32_t ew_sxtb16(uint32_t four)
{
    uint32_t two;
    __asm__("sxtb16 %0, %1" : "=r"(two) : "r"(four));
    return two;
}

/* Bytes 1 and 3 as two int16. */
static inline uint32_t ew_sxtb16_odd(uint32_t four)
{
    uint32_t two;
    __asm__("sxtb16 %0, %1, ror #8" : "=r"(two) : "r"(four));
    return two;
}

/* sum + ew_sxtb16(four), sum + ew_sxtb16_odd(four), halfword by halfword. */
static inline uint32_t ew_sxtab16(uint32_t sum, uint32_t four)
{
    __asm__("sxtab16 %0, %0, %1" : "+r"(sum) : "r"(four));
    return sum;
}

static inline uint32_t ew_sxtab16_odd(uint32_t sum, uint32_t four)
{
    __asm__("sxtab16 %0, %0, %1, ror #8" : "+r"(sum) : "r"(four));
    return sum;
}

/* sum + the two int16 of a word. */
static inline int32_t ew_sum_s16x2(uint32_t two, int32_t sum)
{
    __asm__("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(two), "r"(0x00010001));
    return sum;
}

/* a + b, a - b, halfword by halfword. */
static inline uint32_t ew_sadd16(uint32_t a, uint32_t b)
{
    uint32_t sum;
    __asm__("sadd16 %0, %1, %2" : "=r"(sum) : "r"(a), "r"(b) : "cc");
    return sum;
}

static inline uint32_t ew_ssub16(uint32_t a, uint32_t b)
{
    uint32_t difference;
    __asm__("ssub16 %0, %1, %2" : "=r"(difference) : "r"(a), "r"(b) : "cc");
    return difference;
}

/* Bytewise maximum and minimum: SSUB8 sets the GE flag of each byte where its first operand is not less, SEL takes
 * the first operand of SEL there and the second elsewhere. */
static inline uint32_t ew_max_s8x4(uint32_t a, uint32_t b)
{
    uint32_t largest;
    __asm__("ssub8 %0, %1, %2\n\tsel %0, %1, %2" : "=&r"(largest) : "r"(a), "r"(b) : "cc");
    return largest;
}

static inline uint32_t ew_min_s8x4(uint32_t a, uint32_t b)
{
    uint32_t smallest;
    __asm__("ssub8 %0, %2, %1\n\tsel %0, %1, %2" : "=&r"(smallest) : "r"(a), "r"(b) : "cc");
    return smallest;
}

static inline int32_t ew_saturate_s8(int32_t value)
{
    int32_t result;
    __asm__("ssat %0, #8, %1" : "=r"(result) : "r"(value));
    return result;
}

/* Low halves: a below, b above. */
static inline uint32_t ew_pack_low(uint32_t a, uint32_t b)
{
    uint32_t two;
    __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(two) : "r"(a), "r"(b));
    return two;
}

/* High halves: a below, b above. */
static inline uint32_t ew_pack_high(uint32_t a, uint32_t b)
{
    uint32_t two;
    __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(two) : "r"(b), "r"(a));
    return two;
}

/* Both halves of a word, or all four bytes, set to one value. */
static inline uint32_t ew_both_halves(int32_t value)
{
    return ((uint32_t)value & 0xFFFFu) * 0x10001u;
}

static inline uint32_t ew_four_bytes(int32_t value)
{
    return ((uint32_t)value & 0xFFu) * 0x1010101u;
}

/* saturate_s8(y_zero + round(acc * mult / 2^32)): ew_requantize_s8 for shift 0 and the full activation range. */
static inline int32_t ew_requantize_full_s8(int32_t acc, int32_t mult, int32_t y_zero)
{
    int32_t y;
    __asm__("smmlar %0, %1, %2, %3\n\tssat %0, #8, %0" : "=r"(y) : "r"(acc), "r"(mult), "r"(y_zero));
    return y;
}

/* Copy bytes, or set them to the byte that four times makes `four`; result: behind the last one. Without loops over
 * single bytes, which compilers turn into calls of the C library. */
int8_t *ew_copy__dsp(int8_t *to, const int8_t *from, int32_t bytes);
int8_t *ew_fill__dsp(int8_t *to, uint32_t four, int32_t bytes);

/* Clamp n values in place. Kernels saturate to int8 and leave a narrower activation range to this second pass, as
 * clamp(saturate_s8(v)) = clamp(v) inside int8. Costs 1.5 instructions per value; nothing for the full range. */
void ew_clamp__dsp(int8_t *y, uint32_t n, int32_t act_min, int32_t act_max);

#endif
