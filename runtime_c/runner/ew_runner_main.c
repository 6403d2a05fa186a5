/* SPDX-License-Identifier: Apache-2.0 */
/* The validation runner: a model behind the protocol. */
#include "ew_port.h"
#include "ew_runner.h"

int main(void)
{
    ew_port_start();
    while (ew_runner_serve()) {
    }
    return 0;
}
