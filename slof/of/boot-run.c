/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Running a program. It has no callback until it names one, and when it has ended, what it claimed, and what was
 * loaded at a prompt it waited for, is free again; then the program that waits for it has its callback back.
 */
#include "boot-priv.h"

#include "base/err.h"
#include "of/callback.h"
#include "of/machine.h"

int boot_run(const struct client_image *image, struct memory_mark *own)
{
	struct memory_mark before;
	uint32_t callers = of_set_callback(0);
	int err = memory_note(own, &before);

	if (err) {
		memory_release(own);
	} else {
		err = of_platform()->client_run ? of_platform()->client_run(image) : E_UNSUPP;
		loader_drop();
		memory_release_since(&before);
		memory_forget(own);
	}
	(void)of_set_callback(callers);
	if (!err)
		of_printf("\nW3411: Client application returned.\n");
	else
		of_printf("\nE3406: Client application returned an error: %s\n", err_text(err));
	return err;
}
