/* start.c: a program under qemu-riscv32 without a C library; its status is what main returns. */
#include <string.h>

#define SYS_EXIT 93

int main(void);
void _start(void);

void *memcpy(void *to, const void *from, size_t bytes)
{
    char *t = (char *)to;
    const char *f = (const char *)from;
    while (bytes--) {
        *t++ = *f++;
    }
    return to;
}

void *memset(void *to, int value, size_t bytes)
{
    char *t = (char *)to;
    while (bytes--) {
        *t++ = (char)value;
    }
    return to;
}

void _start(void)
{
    register int status __asm__("a0") = main();
    register int call __asm__("a7") = SYS_EXIT;
    __asm__ volatile("ecall" ::"r"(status), "r"(call));
    __builtin_unreachable();
}
