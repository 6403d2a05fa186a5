/* SPDX-License-Identifier: Apache-2.0 */
/* STM32 LPUART: the registers of a USART with RDR and TDR, and a divider in 256ths.
 * Source: RM0432 (STM32L4+), "LPUART baud rate generation". */
#define BAUD_UNIT 256u
#include "uart_stm32_rdr.c"
