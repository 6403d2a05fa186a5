/* Arduino.h: a sketch's surroundings; Serial prints with the C library. */
#ifndef ARDUINO_H
#define ARDUINO_H

#include <stdint.h>
#include <stdio.h>

struct serial_t {
    void begin(unsigned long) {}
    void print(const char *text)
    {
        fputs(text, stdout);
    }
    explicit operator bool() const
    {
        return true;
    }
};

extern serial_t Serial;
unsigned long millis(void);
void setup(void);
void loop(void);

#endif
