/* SPDX-License-Identifier: Apache-2.0 */
/* port_cortex_m.h: what fault.c needs from the port. */
#ifndef EW_PORT_CORTEX_M_H
#define EW_PORT_CORTEX_M_H

/* From now on interrupts are out of reach: bytes are waited for by polling. */
void ew_port_poll_only(void);

#endif
