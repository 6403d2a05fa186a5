/* stub.h: the API of a hand-written model, in the form of a generated one. */
#ifndef STUB_H
#define STUB_H

#include <stddef.h>
#include <stdint.h>

#include "ew.h"

#define STUB_ARENA_BYTES   48
#define STUB_ARENA_ALIGN   16
#define STUB_INPUT_COUNT   2
#define STUB_OUTPUT_COUNT  2
#define STUB_LAYER_COUNT   3
#define STUB_INPUT0_BYTES  10
#define STUB_INPUT1_BYTES  6
#define STUB_OUTPUT0_BYTES 8
#define STUB_OUTPUT1_BYTES 12
#define STUB_MODEL_SHA256  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    uint8_t *arena;
} stub_t;

int stub_init(stub_t *self, void *arena, size_t arena_bytes);
int8_t *stub_input(stub_t *self, unsigned index);
const int8_t *stub_output(const stub_t *self, unsigned index);
int stub_run(stub_t *self);
int stub_selftest(void *arena);

#ifdef __cplusplus
}
#endif

#endif
