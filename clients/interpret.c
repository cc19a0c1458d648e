/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Gives its arguments to the firmware's Forth by the service interpret, prints what came back and ends. With
 * "boot ..." among them programs wait for one another, this one too.
 */
#include "ofci.h"

int client_main(void)
{
	uint32_t thrown = OF_ERR;
	int err;

	of_printf("interpreting \"%s\"\n", of_bootargs);
	err = of_call("interpret", 1, 1, of_ptr(of_bootargs), &thrown);
	of_printf("interpreted \"%s\": %d, thrown %d\n", of_bootargs, err, (int)thrown);
	of_exit();
}
