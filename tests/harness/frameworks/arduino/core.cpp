/* core.cpp: runs a sketch once. */
#include <Arduino.h>

serial_t Serial;

unsigned long millis(void)
{
    return 0;
}

int main(void)
{
    setup();
    loop();
    fflush(stdout);
    return 0;
}
