/* bare_metal.c: a kernel test program on an emulated Cortex-M, talking through semihosting. */
#include "bare_start.inc.c"

#define SYS_WRITE0 0x04
#define MAX_BYTES  (128u << 10)

static void text_out(const char *text)
{
    semihost(SYS_WRITE0, text);
}
#include "test_program.inc.c"

static uint32_t run(void)
{
    test_cases();
    text_out("END\n");
    return 0;
}

static void faulted(void)
{
    text_out("FAULT\n");
}
