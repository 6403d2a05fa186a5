/* hosted.c: a kernel test program as a Linux process. */
#include <stdio.h>

#define MAX_BYTES (4u << 20)
static void text_out(const char *text)
{
    fputs(text, stdout);
}
#include "test_program.inc.c"

int main(void)
{
    test_cases();
    text_out("END\n");
    return 0;
}
