/* ew_requantize_thumb1.h: assembler macros; ew_thumb1.h derives the arithmetic. */

/* acc = (acc * mult + rounding) >> 32 for ml, mh the halves of mult; 11 instructions.
 * acc, mult, ml, mh, t0, t1: low registers; t0 and t1 are overwritten. rounding: any register. */
.macro EW_SCALE acc, mult, ml, mh, rounding, t0, t1 uxth \t0, \acc asrs \acc, \acc,
    #16 muls \acc, \mult, \acc movs \t1, \t0 muls \t1, \ml, \t1 lsrs \t1, \t1,
    #16 muls \t0, \mh, \t0 adds \acc, \acc, \t0 adds \acc, \acc, \t1 add  \acc, \rounding asrs \acc, \acc,
    #16.endm

        /* v clamped to [low, high]; any register for low and high. */
        .macro EW_CLAMP v,
    low, high cmp  \v, \high ble 1f mov  \v, \high 1 : cmp  \v, \low bge 1f mov  \v, \low 1 :.endm
