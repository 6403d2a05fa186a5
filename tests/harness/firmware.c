/* firmware.c: what an exported example needs on an emulated Cortex-M: a start, and the C library's output and end
 * through semihosting. */
#include "bare_start.inc.c"

#define SYS_WRITEC 0x03

int main(void);
int _write(int file, const char *text, int bytes);

int _write(int file, const char *text, int bytes)
{
    (void)file;
    for (int i = 0; i < bytes; i++) {
        semihost(SYS_WRITEC, &text[i]);
    }
    return bytes;
}

static uint32_t run(void)
{
    return (uint32_t)main();
}

static void faulted(void) {}
