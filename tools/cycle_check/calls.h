/* calls.h: what the generated layers.c defines. */
#pragma once

#include <stdint.h>

typedef enum { CONV, DEPTHWISE, DENSE, AVERAGE, ADD } kind_t;

/* x, y, kernel, stride, pad: [height, width]; x and y with channels behind. */
typedef struct {
    kind_t kind;
    int x[3], y[3], kernel[2], stride[2], pad[2];
    const int8_t *weights;
} layer_t;

extern const layer_t check_layers[];
extern const int check_layer_count;
/* As long as the widest layer has channels; they lie in flash, as in the published programs. */
extern const int32_t check_mult[], check_shift[], check_bias[];

int check_run(void);
