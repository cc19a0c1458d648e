/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of properties: getproplen, getprop, nextprop, setprop. The playground is /chosen; all
 * properties made here are named "ci-...". The standard's rule behind most checks: the length
 * returned is the property's own, however much of it fitted into the buffer.
 */
#include "ci-test.h"

#define GARBAGE 0xdeadbeecu

static uint32_t chosen;

/* How often nextprop names @name in @node. */
static unsigned int times_listed(uint32_t node, const char *name)
{
	char prev[OF_NAME_MAX] = "", next[OF_NAME_MAX];
	unsigned int times = 0, guard = 0;

	while (of_nextprop(node, prev, next) == 1 && guard++ < 1000) {
		if (!strcmp(next, name))
			times++;
		memcpy(prev, next, sizeof(prev));
	}
	return times;
}

static void test_getprop(void)
{
	char buf[64];

	memset(buf, '!', sizeof(buf));
	tap_eq("getprop of \"name\": length with NUL", of_getprop(chosen, "name", buf, 32), 7);
	tap_str("getprop of \"name\": value", buf, "chosen");
	tap_eq("getproplen of \"name\"", of_getproplen(chosen, "name"), 7);
	tap_eq("getprop of a missing property is -1", of_getprop(chosen, "ci-none", buf, 32),
	       OF_ERR);
	tap_eq("getproplen of a missing property is -1", of_getproplen(chosen, "ci-none"), OF_ERR);
	tap_eq("getproplen of a name in the wrong case is -1", of_getproplen(chosen, "STDOUT"),
	       OF_ERR);
	tap_eq("getproplen of the empty name is -1", of_getproplen(chosen, ""), OF_ERR);
	memset(buf, '!', sizeof(buf));
	tap_eq("getprop: true length with a short buffer", of_getprop(chosen, "name", buf, 3), 7);
	tap_true("getprop: short buffer filled, nothing behind it",
		 !memcmp(buf, "cho!", 4) && buf[63] == '!');
	memset(buf, '!', sizeof(buf));
	tap_eq("getprop: true length with buffer length 0", of_getprop(chosen, "name", buf, 0), 7);
	tap_eq("getprop: buffer length 0 writes nothing", (unsigned char)buf[0], '!');
	tap_eq("getprop: NULL buffer with length 0", of_getprop(chosen, "name", NULL, 0), 7);
	tap_true("the root has a \"name\"", of_getproplen(of_peer(0), "name") - 1 < OF_NAME_MAX);
}

static void test_bad_getprop(void)
{
	/* clang-format off */
	static const struct { uint32_t phandle; const char *get, *len; } bad[] = {
		{ 0,       "getprop with phandle 0 is -1",         "getproplen with phandle 0 is -1" },
		{ OF_ERR,  "getprop with phandle -1 is -1",        "getproplen with phandle -1 is -1" },
		{ GARBAGE, "getprop with a garbage phandle is -1", "getproplen with a garbage phandle is -1" },
	};
	/* clang-format on */
	char buf[64];
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (!tap_skipped_gentle(bad[i].get))
			tap_eq(bad[i].get, of_getprop(bad[i].phandle, "name", buf, 32), OF_ERR);
		if (!tap_skipped_gentle(bad[i].len))
			tap_eq(bad[i].len, of_getproplen(bad[i].phandle, "name"), OF_ERR);
	}
	if (!tap_skipped_gentle("getprop with a NULL name is -1"))
		tap_eq("getprop with a NULL name is -1", of_getprop(chosen, NULL, buf, 32), OF_ERR);
	if (!tap_skipped_gentle("getprop with an unmapped name is -1"))
		tap_eq("getprop with an unmapped name is -1",
		       of_ask("getprop", 4, chosen, 0xfff00000u, of_ptr(buf), 32), OF_ERR);
	if (!tap_skipped_gentle("getprop to an unmapped buffer is -1"))
		tap_eq("getprop to an unmapped buffer is -1",
		       of_ask("getprop", 4, chosen, of_ptr("name"), 0xfff00000u, 32), OF_ERR);
	if (!tap_skipped_gentle("getprop with a negative length survives")) {
		memset(buf, '!', sizeof(buf));
		of_getprop(chosen, "name", buf, OF_ERR);
		tap_eq("getprop with a negative length survives", (unsigned char)buf[8], '!');
	}
}

static void test_nextprop(void)
{
	char first[OF_NAME_MAX] = "", again[OF_NAME_MAX] = "", last[OF_NAME_MAX] = "";
	char next[OF_NAME_MAX];
	unsigned int guard = 0;

	tap_eq("nextprop of \"\" finds a property", of_nextprop(chosen, "", first), 1);
	tap_true("nextprop of \"\": the property exists", of_getproplen(chosen, first) != OF_ERR);
	tap_eq("nextprop of NULL finds a property", of_nextprop(chosen, NULL, again), 1);
	tap_str("nextprop of NULL: the same as of \"\"", again, first);
	memcpy(last, first, sizeof(last));
	while (of_nextprop(chosen, last, next) == 1 && guard++ < 1000)
		memcpy(last, next, sizeof(last));
	tap_eq("nextprop of the last property is 0", of_nextprop(chosen, last, next), 0);
	tap_eq("nextprop of an unknown property is -1", of_nextprop(chosen, "ci-none", next),
	       OF_ERR);
	tap_eq("nextprop lists \"name\" once", times_listed(chosen, "name"), 1);
	tap_eq("nextprop lists \"stdout\" once", times_listed(chosen, "stdout"), 1);
	if (!tap_skipped_gentle("nextprop with a garbage phandle is -1"))
		tap_eq("nextprop with a garbage phandle is -1", of_nextprop(GARBAGE, "", next),
		       OF_ERR);
	if (!tap_skipped_gentle("nextprop with phandle 0 is -1"))
		tap_eq("nextprop with phandle 0 is -1", of_nextprop(0, "", next), OF_ERR);
	if (!tap_skipped_gentle("nextprop to an unmapped buffer survives")) {
		of_ask("nextprop", 3, chosen, of_ptr(""), 0xfff00000u);
		tap_true("nextprop to an unmapped buffer survives", true);
	}
}

/* A property's life: made, copied, grown, shrunk, emptied, listed once. */
static void test_setprop(void)
{
	static unsigned char value[300], back[300];
	unsigned int i;

	for (i = 0; i < sizeof(value); i++)
		value[i] = (unsigned char)(i * 7 + 1);
	tap_eq("setprop makes a property", of_setprop(chosen, "ci-prop", value, 4), 4);
	tap_eq("setprop: getproplen of the new property", of_getproplen(chosen, "ci-prop"), 4);
	tap_eq("setprop: nextprop lists it once", times_listed(chosen, "ci-prop"), 1);
	value[0] = 99;
	of_getprop(chosen, "ci-prop", back, sizeof(back));
	tap_eq("setprop copies the value", back[0], 1);
	value[0] = 1;
	tap_eq("setprop grows a property", of_setprop(chosen, "ci-prop", value, 300), 300);
	memset(back, 0, sizeof(back));
	tap_eq("setprop: length after growing", of_getprop(chosen, "ci-prop", back, 300), 300);
	tap_eq("setprop: value after growing", (uint32_t)memcmp(back, value, 300), 0);
	tap_eq("setprop shrinks a property", of_setprop(chosen, "ci-prop", value + 5, 1), 1);
	memset(back, 0, sizeof(back));
	tap_eq("setprop: length after shrinking", of_getprop(chosen, "ci-prop", back, 300), 1);
	tap_true("setprop: value after shrinking", back[0] == value[5] && back[1] == 0);
	tap_eq("setprop with length 0", of_setprop(chosen, "ci-prop", value, 0), 0);
	tap_eq("setprop: getproplen 0 of an empty property", of_getproplen(chosen, "ci-prop"), 0);
	tap_eq("setprop: still listed once", times_listed(chosen, "ci-prop"), 1);
	tap_eq("setprop with NULL and length 0", of_setprop(chosen, "ci-empty", NULL, 0), 0);
	tap_eq("setprop: a new empty property exists", of_getproplen(chosen, "ci-empty"), 0);
}

static void test_setprop_more(void)
{
	static const char name31[] = "ci-a-property-with-31-character";
	static char big[20000], saved[256];
	uint32_t len = of_getprop(chosen, "bootargs", saved, sizeof(saved));
	uint32_t aliases = of_finddevice("/aliases");
	char now[64];

	tap_eq("setprop with a name of 31 characters", of_setprop(chosen, name31, "x", 2), 2);
	tap_eq("setprop: that name is found", of_getproplen(chosen, name31), 2);
	tap_eq("setprop: that name is listed", times_listed(chosen, name31), 1);
	memset(big, 'b', sizeof(big));
	tap_eq("setprop of 20000 bytes", of_setprop(chosen, "ci-big", big, sizeof(big)),
	       sizeof(big));
	tap_eq("setprop: 20000 bytes are there", of_getproplen(chosen, "ci-big"), sizeof(big));
	of_setprop(chosen, "ci-big", big, 1);
	tap_eq("setprop replaces a property of the machine", of_setprop(chosen, "bootargs", "n", 2),
	       2);
	of_getprop(chosen, "bootargs", now, sizeof(now));
	tap_str("setprop: the replaced value is seen", now, "n");
	if (len != OF_ERR)
		of_setprop(chosen, "bootargs", saved, len);
	of_setprop(aliases, "ci-alias", "/cpus", 6);
	tap_eq("setprop in /aliases makes an alias", of_finddevice("ci-alias"),
	       of_finddevice("/cpus"));
}

static void test_bad_setprop(void)
{
	if (!tap_skipped_gentle("setprop with a garbage phandle is -1"))
		tap_eq("setprop with a garbage phandle is -1",
		       of_setprop(GARBAGE, "ci-prop", "x", 2), OF_ERR);
	if (!tap_skipped_gentle("setprop with phandle 0 is -1"))
		tap_eq("setprop with phandle 0 is -1", of_setprop(0, "ci-prop", "x", 2), OF_ERR);
	if (!tap_skipped_gentle("setprop with a negative length is -1"))
		tap_eq("setprop with a negative length is -1",
		       of_setprop(chosen, "ci-neg", "x", OF_ERR), OF_ERR);
	if (!tap_skipped_gentle("setprop with an unmapped value is -1"))
		tap_eq("setprop with an unmapped value is -1",
		       of_ask("setprop", 4, chosen, of_ptr("ci-bad"), 0xfff00000u, 16), OF_ERR);
	if (!tap_skipped_gentle("setprop with a NULL name is -1"))
		tap_eq("setprop with a NULL name is -1", of_setprop(chosen, NULL, "x", 2), OF_ERR);
	if (!tap_skipped_gentle("setprop with an empty name is -1"))
		tap_eq("setprop with an empty name is -1", of_setprop(chosen, "", "x", 2), OF_ERR);
	if (!tap_skipped_gentle("failed setprops left nothing behind"))
		tap_eq("failed setprops left nothing behind",
		       times_listed(chosen, "ci-neg") + times_listed(chosen, "ci-bad") +
			       times_listed(chosen, ""),
		       0);
}

void test_props(void)
{
	chosen = of_finddevice("/chosen");
	test_getprop();
	test_bad_getprop();
	test_nextprop();
	test_setprop();
	test_setprop_more();
	test_bad_setprop();
}
