/* calls.c: one inference as a list of calls of CMSIS-NN; layers.c, which is generated, has the list.
 *
 * Two buffers take turns as input and output. What is in them does not matter: the time of these kernels does not
 * depend on it, but for a few instructions that round.
 */
#include "calls.h"
#include <arm_nnfunctions.h>

#define MULT    0x5A827999
#define SHIFT   (-8)
#define SCRATCH 32768

static const cmsis_nn_activation clamp = {-128, 127};
static int8_t buffers[2][CHECK_BUFFER_BYTES] __attribute__((aligned(16)));
static int8_t scratch[SCRATCH] __attribute__((aligned(16)));

static cmsis_nn_dims dims(int n, const int *image)
{
    const cmsis_nn_dims made = {n, image[0], image[1], image[2]};
    return made;
}

static int call(const layer_t *l, const int8_t *x, int8_t *y)
{
    const cmsis_nn_context context = {scratch, SCRATCH};
    const cmsis_nn_tile stride = {l->stride[1], l->stride[0]}, pad = {l->pad[1], l->pad[0]}, dilation = {1, 1};
    const cmsis_nn_per_channel_quant_params per_channel = {(int32_t *)check_mult, (int32_t *)check_shift};
    const cmsis_nn_per_tensor_quant_params per_tensor = {MULT, SHIFT};
    const int kernel[3] = {l->kernel[0], l->kernel[1], l->x[2]}, of_bias[3] = {1, 1, l->y[2]};
    const cmsis_nn_dims x_dims = dims(1, l->x), y_dims = dims(1, l->y), bias_dims = dims(1, of_bias);
    cmsis_nn_dims kernel_dims = dims(l->y[2], kernel);
    switch (l->kind) {
    case CONV: {
        const cmsis_nn_conv_params p = {128, -128, stride, pad, dilation, clamp};
        return arm_convolve_wrapper_s8(&context, &p, &per_channel, &x_dims, x, &kernel_dims, l->weights, &bias_dims,
                                       check_bias, &y_dims, y);
    }
    case DEPTHWISE: {
        const cmsis_nn_dw_conv_params p = {128, -128, l->y[2] / l->x[2], stride, pad, dilation, clamp};
        kernel_dims.n = 1;
        kernel_dims.c = l->y[2];
        return arm_depthwise_conv_wrapper_s8(&context, &p, &per_channel, &x_dims, x, &kernel_dims, l->weights,
                                             &bias_dims, check_bias, &y_dims, y);
    }
    case DENSE: {
        const cmsis_nn_fc_params p = {128, 0, -128, clamp};
        kernel_dims.n = l->x[2];
        kernel_dims.c = l->y[2];
        return arm_fully_connected_s8(&context, &p, &per_tensor, &x_dims, x, &kernel_dims, l->weights, &bias_dims,
                                      check_bias, &y_dims, y);
    }
    case AVERAGE: {
        const cmsis_nn_pool_params p = {stride, pad, clamp};
        return arm_avgpool_s8(&context, &p, &x_dims, x, &kernel_dims, &y_dims, y);
    }
    default:
        return arm_elementwise_add_s8(x, y, 128, MULT, -2, -4, MULT, -1, 20, y, -128, MULT, -17, -128, 127,
                                      l->x[0] * l->x[1] * l->x[2]);
    }
}

int check_run(void)
{
    for (int i = 0; i < check_layer_count; i++) {
        if (call(&check_layers[i], buffers[i & 1], buffers[!(i & 1)]) != ARM_CMSIS_NN_SUCCESS) {
            return 1;
        }
    }
    return 0;
}

int main(void)
{
    uint32_t random = 1;
    for (int i = 0; i < CHECK_BUFFER_BYTES; i++) {
        random = random * 1664525u + 1013904223u;
        buffers[0][i] = (int8_t)(random >> 24);
    }
    return check_run();
}
