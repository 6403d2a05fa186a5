/* SPDX-License-Identifier: Apache-2.0 */
#include "ew_model.h"

#include EW_MODEL_HEADER
#include "ew_crc32.h"
#include "ew_model_info.h"

#define PASTE_(a, b) a##b
#define PASTE(a, b)  PASTE_(a, b)
#define MODEL(name)  PASTE(EW_MODEL, name)
#define LIMIT(name)  PASTE(EW_MODEL_UPPER, name)

#define INPUTS  LIMIT(_INPUT_COUNT)
#define OUTPUTS LIMIT(_OUTPUT_COUNT)

static const uint32_t input_bytes[INPUTS] = {EW_MODEL_INPUT_BYTES};
static const uint32_t output_bytes[OUTPUTS] = {EW_MODEL_OUTPUT_BYTES};

static uint8_t arena[LIMIT(_ARENA_BYTES)] EW_ALIGNED(LIMIT(_ARENA_ALIGN));
static MODEL(_t) model;

int MODEL(_run_traced)(MODEL(_t) * self);

int ew_model_start(void)
{
    return MODEL(_init)(&model, arena, sizeof arena);
}

int ew_model_run(void)
{
    return MODEL(_run)(&model);
}

int ew_model_run_traced(void)
{
    return MODEL(_run_traced)(&model);
}

int ew_model_selftest(void)
{
    return MODEL(_selftest)(arena);
}

uint32_t ew_model_layer_count(void)
{
    return LIMIT(_LAYER_COUNT);
}

int8_t *ew_model_at(ew_model_side_t side, uint32_t offset, uint32_t *room)
{
    const uint32_t *bytes = side == EW_MODEL_INPUTS ? input_bytes : output_bytes;
    const unsigned count = side == EW_MODEL_INPUTS ? INPUTS : OUTPUTS;
    for (unsigned i = 0; i < count; i++) {
        if (offset < bytes[i]) {
            *room = bytes[i] - offset;
            /* The runner never writes to an output; it only shares the walk. */
            int8_t *base = side == EW_MODEL_INPUTS ? MODEL(_input)(&model, i) : (int8_t *)MODEL(_output)(&model, i);
            return base + offset;
        }
        offset -= bytes[i];
    }
    *room = 0;
    return 0;
}

uint32_t ew_model_bytes(ew_model_side_t side)
{
    uint32_t total = 0, room = 0;
    while (ew_model_at(side, total, &room)) {
        total += room;
    }
    return total;
}

uint32_t ew_model_crc32(ew_model_side_t side)
{
    uint32_t crc = 0, offset = 0, room = 0;
    for (const int8_t *at; (at = ew_model_at(side, offset, &room)) != 0; offset += room) {
        crc = ew_crc32(crc, at, room);
    }
    return crc;
}

const char *ew_model_sha256(void)
{
    return LIMIT(_MODEL_SHA256);
}

const char *ew_model_info(void)
{
    return EW_MODEL_INFO;
}
