int tiny_init(tiny_t *self, void *arena, size_t arena_bytes)
{
    if (self == NULL || arena == NULL) {
        return EW_EARENA_NULL;
    }
    if (arena_bytes < TINY_ARENA_BYTES) {
        return EW_EARENA_SMALL;
    }
    if ((uintptr_t)arena % TINY_ARENA_ALIGN != 0) {
        return EW_EARENA_ALIGN;
    }
    self->arena = (int8_t *)arena;
    return EW_OK;
}

int8_t *tiny_input(tiny_t *self, unsigned index)
{
    switch (index) {
    case 0:
        return self->arena + 0;
    default:
        return NULL;
    }
}

const int8_t *tiny_output(const tiny_t *self, unsigned index)
{
    switch (index) {
    case 0:
        return self->arena + 0;
    case 1:
        return self->arena + 8;
    default:
        return NULL;
    }
}

int tiny_run(tiny_t *self)
{
    int8_t *const arena = self->arena;
    /* 0: fc, 1x4 -> 1x3 */
    ew_fc_s8(&layer_0, arena + 0, arena + 8, NULL);
    EW_AFTER_LAYER(0, arena + 8, 3);
    /* 1: arg max, 1x3 -> 1 */
    ew_arg_max_s8(&layer_1, arena + 8, (int32_t *)(void *)(arena + 0), NULL);
    EW_AFTER_LAYER(1, arena + 0, 4);
    return EW_OK;
}
