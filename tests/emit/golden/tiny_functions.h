#ifdef __cplusplus
extern "C" {
#endif

/* One instance of the model; any number of them may exist, each with its own arena. */
typedef struct {
    int8_t *arena;
} tiny_t;

/* Bind an instance to its arena: arena_bytes >= ARENA_BYTES, aligned to ARENA_ALIGN. */
int tiny_init(tiny_t *self, void *arena, size_t arena_bytes);
/* Where to write input `index`, or a null pointer. An inference may overwrite its inputs. */
int8_t *tiny_input(tiny_t *self, unsigned index);
/* Where output `index` stands after a run, or a null pointer; valid until the next run. */
const int8_t *tiny_output(const tiny_t *self, unsigned index);
/* One inference. */
int tiny_run(tiny_t *self);
/* Run a fixed input through the model and compare a hash of the outputs. */
int tiny_selftest(void *arena);

static inline int8_t tiny_quantize_input(float x)
{
    return ew_quantize(x, TINY_INPUT0_SCALE, TINY_INPUT0_ZERO);
}
static inline float tiny_dequantize_output1(int8_t q)
{
    return ew_dequantize(q, TINY_OUTPUT1_SCALE, TINY_OUTPUT1_ZERO);
}

#ifdef __cplusplus
}
#endif

#endif
