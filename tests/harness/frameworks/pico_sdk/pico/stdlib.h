/* stdlib.h: the first pause ends the program. */
#include <stdio.h>
#include <stdlib.h>

static inline void stdio_init_all(void) {}

static inline void sleep_ms(int ms)
{
    (void)ms;
    exit(0);
}
