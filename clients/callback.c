/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A program with a callback: it enters the prompt or has its arguments interpreted, and says what its routine was
 * asked for in the meantime. The routine adds two numbers, writes a text, has it interpreted, enters
 * the prompt, says no, leaves, or breaks. A 64-bit
 * program names it by a function descriptor, as those of ELF ABI v1 do, if the arguments begin with "v1 ".
 */
#include "ofci.h"

static const char *text_at(uint32_t addr)
{
	return (const char *)(uintptr_t)addr;
}

/* The results are behind the arguments; their number is ours to say. */
static void answer(uint32_t *cells, uint32_t n, uint32_t first, uint32_t second)
{
	cells[2] = n;
	cells[3 + cells[1]] = first;
	cells[4 + cells[1]] = second;
}

/* name, nargs, nrets, arguments, results, as of_call_array() */
static int routine(uint32_t *cells)
{
	const char *name = text_at(cells[0]);

	of_printf("called: %s, %u arguments\n", name, cells[1]);
	if (!strcmp(name, "add"))
		answer(cells, 2, 0, cells[3] + 2 * cells[4]);
	else if (!strcmp(name, "say"))
		of_printf("said: \"%s\"\n", text_at(cells[3]));
	else if (!strcmp(name, "sync"))
		cells[2] = 0;
	else if (!strcmp(name, "throw"))
		answer(cells, 1, (uint32_t)-77, 0);
	else if (!strcmp(name, "leave"))
		of_exit();
	else if (!strcmp(name, "break"))
		__asm__ volatile(".long 0"); /* no instruction */
	else if (!strcmp(name, "again"))
		of_call("interpret", 1, 0, of_ptr("sync"));
	else if (!strcmp(name, "run"))
		of_call("interpret", 1, 0, cells[3]);
	else if (!strcmp(name, "enter"))
		of_call("enter", 0, 0);
	else
		return -1;
	return 0;
}

static void name_routine(bool by_descriptor)
{
	static uint64_t descriptor[3];
	uint32_t addr = of_ptr((const void *)(uintptr_t)routine);
	uintptr_t toc;

	if (by_descriptor) {
		descriptor[0] = addr;
		__asm__ volatile("mr %0, 2" : "=r"(toc));
		descriptor[1] = toc;
		addr = of_ptr(descriptor);
	}
	of_ask("set-callback", 1, addr);
}

int client_main(void)
{
	uint32_t thrown = OF_POISON, top = OF_POISON;
	bool v1 = !memcmp(of_bootargs, "v1 ", 3);
	const char *text = of_bootargs + (v1 ? 3 : 0);
	int err;

	name_routine(v1);
	of_printf("doing \"%s\"\n", text);
	if (!strcmp(text, "enter"))
		err = of_call("enter", 0, 0);
	else
		err = of_call("interpret", 1, 2, of_ptr(text), &thrown, &top);
	of_printf("done: %d, thrown %d, top %x\n", err, (int)thrown, top);
	of_exit();
}
