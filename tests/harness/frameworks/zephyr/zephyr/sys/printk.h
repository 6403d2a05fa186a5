/* printk.h: prints with the C library. */
#include <stdio.h>

#define printk printf
