#include "mve/ew_depthwise_strips_s8.h"

ew_depthwise_core_s8_t ew_depthwise_core_of(const ew_conv_s8_t *p, const ew_axis_t *axis, uint32_t along,
                                            uint32_t across, uint32_t across_step)
{
    const uint32_t out = (uint32_t)axis->out;
    const uint32_t blocks = (out + along - 1u) / along;
    const uint32_t valid = (out - (blocks - 1u) * along) * across; /* outputs of the last block */
    ew_depthwise_core_s8_t d = {.y_channel = (uint32_t)p->out_c / p->in_c,
                                .y_two_blocks = 2u * along * axis->y_step,
                                .twos = (blocks - 1u) / 2u,
                                .last_is_two = blocks % 2u == 0u,
                                .y_zero = p->y_zero};
    d.mask = d.last_is_two ? 0x3333u : 0u;
    for (uint32_t i = 0; i < 4u; i++) {
        const uint32_t offset = i / across * axis->y_step + i % across * across_step;
        d.offset[2u * i] = (uint16_t)offset;
        d.offset[2u * i + 1u] = (uint16_t)(offset + along * axis->y_step);
        if (i < valid) {
            d.mask |= 3u << (4u * i + 2u * d.last_is_two);
        }
    }
    return d;
}

void ew_depthwise_strip(const ew_conv_s8_t *p, ew_depthwise_core_s8_t *d, ew_depthwise_core_t *core, uint32_t channel,
                        int8_t *y)
{
    d->y = y + channel * d->y_channel;
    for (uint32_t first = channel; first < p->out_c; first += p->in_c) {
        d->w = (const int8_t *)p->w + 8u + 16u * first;
        d->bias_mult = p->bias + 2u * first;
        core(d);
        d->y++;
    }
}
