/* Reads one 8 x 8 image of a digit (64 numbers from 0 to 16) and prints what the network takes it for.
 *
 *     edgewright compile MODEL -t x86-64 --calib DATA.npz -o model -n digits
 *     cmake -B build -DMODEL=model && cmake --build build
 *     build/classify < image.txt
 */
#include <stdio.h>

#include "digits.h"

int main(void)
{
    static int8_t arena[DIGITS_ARENA_BYTES] EW_ALIGNED(DIGITS_ARENA_ALIGN);
    digits_t model;
    int8_t *x;
    const int8_t *y;
    int best = 0, i;
    float pixel;

    if (digits_init(&model, arena, sizeof arena) != EW_OK) {
        return 2;
    }
    x = digits_input(&model, 0);
    for (i = 0; i < DIGITS_INPUT0_BYTES; i++) {
        if (scanf("%f", &pixel) != 1) {
            fprintf(stderr, "expected %d numbers\n", DIGITS_INPUT0_BYTES);
            return 2;
        }
        x[i] = digits_quantize_input(pixel);
    }
    if (digits_run(&model) != EW_OK) {
        return 1;
    }
    y = digits_output(&model, 0);
    for (i = 1; i < DIGITS_OUTPUT0_BYTES; i++) {
        if (y[i] > y[best]) {
            best = i;
        }
    }
    printf("%d (%.2f)\n", best, (double)digits_dequantize_output(y[best]));
    return 0;
}
