/* stub.c: three fully connected layers; the last one overwrites the inputs, as a generated model may.
 *
 *     arena  0..9 input 0, 10..15 input 1   16..27 layer 0 = output 1   28..35 layer 1   0..7 layer 2 = output 0 */
#include "stub.h"

#include "ew_kernels.h"

#ifndef EW_AFTER_LAYER
#define EW_AFTER_LAYER(index, y, bytes)
#endif

extern const int8_t stub_w0[192], stub_w1[96], stub_w2[64];
extern const int32_t stub_bias0[12], stub_bias1[8], stub_bias2[8];
extern const int32_t stub_mult0[12], stub_mult1[8], stub_mult2[8];

static const ew_fc_s8_t layer0 = {stub_w0, stub_bias0, stub_mult0, 1, 16, 12, 0, -3, -128, 127};
static const ew_fc_s8_t layer1 = {stub_w1, stub_bias1, stub_mult1, 1, 12, 8, 0, 5, -128, 127};
static const ew_fc_s8_t layer2 = {stub_w2, stub_bias2, stub_mult2, 1, 8, 8, 0, 0, -128, 127};

int stub_init(stub_t *self, void *arena, size_t arena_bytes)
{
    if (arena == 0) {
        return EW_EARENA_NULL;
    }
    if (arena_bytes < STUB_ARENA_BYTES) {
        return EW_EARENA_SMALL;
    }
    if ((uintptr_t)arena % STUB_ARENA_ALIGN != 0) {
        return EW_EARENA_ALIGN;
    }
    self->arena = arena;
    return EW_OK;
}

int8_t *stub_input(stub_t *self, unsigned index)
{
    static const uint16_t offsets[STUB_INPUT_COUNT] = {0, 10};
    return index < STUB_INPUT_COUNT ? (int8_t *)self->arena + offsets[index] : 0;
}

const int8_t *stub_output(const stub_t *self, unsigned index)
{
    static const uint16_t offsets[STUB_OUTPUT_COUNT] = {0, 16};
    return index < STUB_OUTPUT_COUNT ? (const int8_t *)self->arena + offsets[index] : 0;
}

int stub_run(stub_t *self)
{
    int8_t *const arena = (int8_t *)self->arena;
    ew_fc_s8(&layer0, arena, arena + 16, 0);
    EW_AFTER_LAYER(0, arena + 16, 12);
    ew_fc_s8(&layer1, arena + 16, arena + 28, 0);
    EW_AFTER_LAYER(1, arena + 28, 8);
    ew_fc_s8(&layer2, arena + 28, arena, 0);
    EW_AFTER_LAYER(2, arena, 8);
    return EW_OK;
}
