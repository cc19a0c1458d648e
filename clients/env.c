/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Prints variables of /options and sets others, as its arguments say, from left to right: "name" prints,
 * "name=value" sets, "reset" resets the machine, "off" or the end switches it off.
 */
#include "ofci.h"

static void print_variable(uint32_t options, const char *name)
{
	char value[256] = "";
	uint32_t len = of_getprop(options, name, value, sizeof(value) - 1);

	if (len == OF_ERR)
		of_printf("%s missing\n", name);
	else
		of_printf("%s is \"%s\", %u bytes\n", name, value, len);
}

static void set_variable(uint32_t options, char *word, char *equals)
{
	uint32_t len = (uint32_t)strlen(equals + 1) + 1, set;

	*equals = '\0';
	set = of_setprop(options, word, equals + 1, len);
	of_printf("%s set: %s\n", word, set == len ? "yes" : "no");
}

static void reset(void)
{
	of_printf("resetting\n");
	of_ask("boot", 1, of_ptr(""));
	of_printf("still here\n");
}

static void obey(uint32_t options, char *word)
{
	char *equals = word;

	while (*equals && *equals != '=')
		equals++;
	if (!strcmp(word, "off"))
		of_power_off();
	else if (!strcmp(word, "reset"))
		reset();
	else if (*equals)
		set_variable(options, word, equals);
	else
		print_variable(options, word);
}

int client_main(void)
{
	uint32_t options = of_finddevice("/options");
	char *p = of_bootargs;

	while (*p) {
		char *word = p;

		while (*p && *p != ' ')
			p++;
		if (*p)
			*p++ = '\0';
		if (*word)
			obey(options, word);
	}
	of_printf("env done\n");
	of_power_off();
}
