/* test_program.inc.c: the checks, included by bare_metal.c and hosted.c, which define text_out(). */
#include <stdint.h>

#include "test_program.h"

#define GUARD        64u
#define GUARD_BYTE   0x5A
#define PATTERN_BYTE 0x63

static uint8_t y_area[MAX_BYTES + 2 * GUARD] __attribute__((aligned(16)));
static uint8_t scratch_area[MAX_BYTES + 2 * GUARD] __attribute__((aligned(16)));
void *test_y = y_area + GUARD, *test_scratch = scratch_area + GUARD;

__attribute__((noinline)) void test_mark(void)
{
    __asm__ volatile("");
}

static void number_out(long v)
{
    char text[24];
    int at = 23;
    const int negative = v < 0;
    unsigned long u = negative ? 0ul - (unsigned long)v : (unsigned long)v;
    text[at] = 0;
    do {
        text[--at] = (char)('0' + u % 10);
        u /= 10;
    } while (u);
    if (negative) {
        text[--at] = '-';
    }
    text_out(text + at);
}

static void paint(uint8_t *area, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes + 2 * GUARD; i++) {
        area[i] = i < GUARD || i >= bytes + GUARD ? GUARD_BYTE : PATTERN_BYTE;
    }
}

static int guards_hold(const uint8_t *area, uint32_t bytes)
{
    for (uint32_t i = 0; i < GUARD; i++) {
        if (area[i] != GUARD_BYTE || area[GUARD + bytes + i] != GUARD_BYTE) {
            return 0;
        }
    }
    return 1;
}

static uint32_t y_size, scratch_size;

void test_begin(uint32_t y_bytes, uint32_t scratch_bytes)
{
    y_size = y_bytes;
    scratch_size = scratch_bytes;
    if (y_bytes > MAX_BYTES || scratch_bytes > MAX_BYTES) {
        text_out("FAIL 0: the test program's buffers are too small\n");
    }
    paint(y_area, y_bytes);
    paint(scratch_area, scratch_bytes);
    test_mark();
}

const int8_t *test_place(const int8_t *x, uint32_t bytes, void *to)
{
    int8_t *placed = to;
    for (uint32_t i = 0; i < bytes; i++) {
        placed[i] = x[i];
    }
    return placed;
}

void test_end(int number, const int8_t *want, uint32_t y_bytes)
{
    test_mark();
    const int8_t *got = test_y;
    for (uint32_t i = 0; i < y_bytes; i++) {
        if (got[i] != want[i]) {
            text_out("FAIL ");
            number_out(number);
            text_out(" : at ");
            number_out((long)i);
            text_out(": got ");
            number_out(got[i]);
            text_out(", want ");
            number_out(want[i]);
            text_out("\n");
            break;
        }
    }
    if (!guards_hold(y_area, y_size) || !guards_hold(scratch_area, scratch_size)) {
        text_out("FAIL ");
        number_out(number);
        text_out(" : wrote outside its output or scratch\n");
    }
}
