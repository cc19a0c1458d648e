/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image QEMU put into memory by -kernel. It was loaded and its entry is its base; it is entered
 * 32-bit big endian, as this machine's firmware always has: a little-endian or 64-bit kernel's
 * first instructions cope, and zImage wrappers and GRUB need it.
 */
#define LOG_TAG "kernel"
#include "board.h"

#include <string.h>

#include "asm.h"
#include "memmap.h"

#include "base/arith.h"
#include "base/log.h"
#include "client/client.h"
#include "dt/cells.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/memory.h"

/* Layout known to client-entry.S. */
struct client_start {
	uint64_t r1, r2, r3, r4, r5, r6, r7, entry, msr;
};
uint64_t client_enter(const struct client_start *start);
void client_leave(uint64_t result) NORETURN;
int64_t board_client_call(uint64_t array);
extern char client_interface[];

/*
 * The stack a client starts on. It is the client's memory, not ours: prom_init builds its call
 * arrays there.
 */
#define CLIENT_STACK 0x10000u
#define CLIENT_FRAME 256u /* above the client's r1, for its back chain and parameters */

static bool in_client;

bool board_in_client(void)
{
	return in_client;
}

int64_t board_client_call(uint64_t array)
{
	int64_t rc;

	in_client = false;
	board_memory_guard_adopt();
	rc = client_call(array);
	board_memory_guard_check();
	in_client = true;
	return rc;
}

void board_client_exit(void)
{
	in_client = false;
	client_leave(0);
}

/* The client's own memory: its stack, and above it a copy of its arguments. */
static int make_room(const char *args, size_t len, uint64_t *base, uint64_t *size)
{
	int err;

	*size = align_up(CLIENT_STACK + len + 1, 4096);
	err = mem_alloc(*size, 4096, RAM_32BIT_LIMIT, MEM_FROM_TOP, MEM_LOADED, base);
	if (err) {
		log_err("no memory for the client's stack of %llu bytes",
			(unsigned long long)*size);
		return err;
	}
	memcpy((char *)(uintptr_t)*base + CLIENT_STACK, args, len + 1);
	return 0;
}

static int run(uint64_t entry)
{
	const struct dt_node *chosen = dt_path_find(of_tree(), "/chosen");
	uint32_t initrd = dt_prop_u32_or(chosen, "linux,initrd-start", 0);
	uint32_t initrd_end = dt_prop_u32_or(chosen, "linux,initrd-end", 0);
	const char *given = dt_prop_get_str(chosen, "bootargs");
	const char *args = given ? given : "";
	uint64_t base = 0, size;
	int err = make_room(args, strlen(args), &base, &size);
	struct client_start s = {
		.r1 = base + CLIENT_STACK - CLIENT_FRAME,
		.r3 = initrd,
		.r4 = initrd_end > initrd ? initrd_end - initrd : 0,
		.r5 = (uintptr_t)client_interface,
		.r6 = base + CLIENT_STACK,
		.r7 = strlen(args),
		.entry = entry,
		.msr = MSR_FP | MSR_ME,
	};

	if (err)
		return err;
	in_client = true;
	client_enter(&s);
	in_client = false;
	return mem_release(base, size, MEM_LOADED);
}

/* Loaders look for both, also when there is nothing to say (GRUB complains otherwise). */
static void complete_chosen(struct dt_node *chosen)
{
	if (!dt_prop_find(chosen, "bootpath"))
		dt_prop_set_str(chosen, "bootpath", "");
	if (!dt_prop_find(chosen, "bootargs"))
		dt_prop_set_str(chosen, "bootargs", "");
}

bool board_boot_kernel(void)
{
	struct dt_node *chosen = dt_path_find(of_tree(), "/chosen");
	struct dt_reader r = dt_read(chosen, "qemu,boot-kernel");
	uint64_t base = dt_read_u64(&r), size = dt_read_u64(&r);

	if (r.short_of || size == 0)
		return false;
	complete_chosen(chosen);
	of_printf("Detected RAM kernel at %llx (%llx bytes)\r\n", (unsigned long long)base,
		  (unsigned long long)size);
	of_printf("  Welcome to Open Firmware\r\n\r\nBooting from memory...\r\n");
	if (!run(base))
		of_printf("\r\nW3411: Client application returned.\r\n");
	return true;
}
