/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of the tree as a shape: peer, child, parent, finddevice, canon, package-to-path, and a walk
 * over all nodes that holds them against each other. Nothing here depends on which devices the
 * machine has: paths are derived from the console's, and from whichever node has a letter in its
 * unit address.
 */
#include "ci-test.h"

#define GARBAGE 0xdeadbeecu

static uint32_t root;
static char console[PATH_MAX]; /* path of the console's package, "/vdevice/vty@71000000" */

/* The last '@' of @path, or its end. */
static char *unit_of(char *path)
{
	char *at = path + strlen(path), *p;

	for (p = path; *p; p++)
		if (*p == '@')
			at = p;
	return at;
}

/* The last component of @path, without its slash. */
static char *last_of(char *path)
{
	char *last = path, *p;

	for (p = path; *p; p++)
		if (*p == '/')
			last = p + 1;
	return last;
}

/* ---- links between nodes ---- */

static void test_links(void)
{
	uint32_t chosen = of_finddevice("/chosen"), node, last = 0;

	root = of_peer(0);
	tap_true("peer(0) is a phandle", root && root != OF_ERR);
	tap_eq("peer of the root is 0", of_peer(root), 0);
	tap_eq("parent of the root is 0", of_parent(root), 0);
	tap_true("child of the root is a phandle", of_child(root) && of_child(root) != OF_ERR);
	tap_eq("parent of /chosen is the root", of_parent(chosen), root);
	tap_eq("child of a node without children is 0", of_child(chosen), 0);
	for (node = of_child(root); node && node != OF_ERR; node = of_peer(node))
		last = node;
	tap_eq("peer of the last sibling is 0", of_peer(last), 0);
	tap_eq("a phandle does not change between calls", of_finddevice("/chosen"), chosen);
}

/* The standard leaves the answer open; "none" and "failure" are both sane, a phandle is not. */
static void test_bad_links(void)
{
	static const struct {
		uint32_t phandle;
		const char *what[3];
	} bad[] = {
		{OF_ERR, {"peer of phandle -1", "child of phandle -1", "parent of phandle -1"}},
		{GARBAGE,
		 {"peer of a garbage phandle", "child of a garbage phandle",
		  "parent of a garbage phandle"}},
		{1,
		 {"peer of phandle 1 survives", "child of phandle 1 survives",
		  "parent of phandle 1 survives"}},
	};
	static const char *const service[3] = {"peer", "child", "parent"};
	unsigned int i, k;

	for (i = 0; i < 3; i++)
		for (k = 0; k < 3; k++) {
			uint32_t got;

			if (tap_skipped_gentle(bad[i].what[k]))
				continue;
			got = of_ask(service[k], 1, bad[i].phandle);
			if (bad[i].phandle == 1) /* may be a phandle of this firmware */
				tap_true(bad[i].what[k], true);
			else
				tap_either(bad[i].what[k], got, 0, OF_ERR);
		}
	if (!tap_skipped_gentle("child of phandle 0"))
		tap_either("child of phandle 0", of_child(0), 0, OF_ERR);
	if (!tap_skipped_gentle("parent of phandle 0"))
		tap_either("parent of phandle 0", of_parent(0), 0, OF_ERR);
}

/* ---- finddevice ---- */

static void test_required_nodes(void)
{
	/* clang-format off */
	static const char *const required[][2] = {
		{ "/aliases",  "the standard's node /aliases exists" },
		{ "/openprom", "the standard's node /openprom exists" },
		{ "/packages", "the standard's node /packages exists" },
		{ "/options",  "the standard's node /options exists" },
		{ "/chosen",   "the standard's node /chosen exists" },
		{ "/memory",   "/memory exists, found without its unit address" },
		{ "/cpus",     "the binding's node /cpus exists" },
		{ "/rtas",     "PAPR's node /rtas exists" },
	};
	/* clang-format on */
	unsigned int i;

	for (i = 0; i < sizeof(required) / sizeof(required[0]); i++)
		tap_true(required[i][1], of_finddevice(required[i][0]) != OF_ERR);
}

static void test_not_found(void)
{
	static char longest[5000];

	tap_eq("finddevice of a missing node is -1", of_finddevice("/no-such-node"), OF_ERR);
	tap_eq("finddevice of a missing child is -1", of_finddevice("/chosen/no-such"), OF_ERR);
	tap_eq("finddevice of a missing alias is -1", of_finddevice("no-such-alias"), OF_ERR);
	tap_eq("finddevice of a missing alias with a tail is -1", of_finddevice("no-such/cpus"),
	       OF_ERR);
	tap_eq("finddevice with a wrong unit address is -1", of_finddevice("/vdevice/vty@deadbee"),
	       OF_ERR);
	tap_eq("finddevice with a unit address that is no number is -1",
	       of_finddevice("/vdevice/vty@zz"), OF_ERR);
	tap_eq("finddevice of an address nobody has is -1", of_finddevice("/vdevice/@deadbee"),
	       OF_ERR);
	tap_eq("finddevice of a name's first part is -1", of_finddevice("/chos"), OF_ERR);
	tap_eq("finddevice of a name in upper case is -1", of_finddevice("/CHOSEN"), OF_ERR);
	memset(longest, 'a', sizeof(longest) - 1);
	longest[0] = '/';
	if (!tap_skipped_gentle("finddevice of 5000 characters is -1"))
		tap_eq("finddevice of 5000 characters is -1", of_finddevice(longest), OF_ERR);
}

/* Spellings of the console's path that 4.3.1 of the standard resolves to the same node. */
static void test_spellings(uint32_t node)
{
	char path[PATH_MAX + 16], *at;

	tap_eq("finddevice of the full path", of_finddevice(console), node);
	of_snprintf(path, sizeof(path), "%s", console);
	*unit_of(path) = '\0';
	tap_eq("finddevice without unit address", of_finddevice(path), node);
	of_snprintf(path, sizeof(path), "%s", console);
	*last_of(path) = '\0';
	of_snprintf(path + strlen(path), PATH_MAX, "%s", unit_of(console));
	(void)at;
	tap_eq("finddevice without name (\"/@unit\")", of_finddevice(path), node);
	of_snprintf(path, sizeof(path), "%s:some,args", console);
	tap_eq("finddevice with arguments", of_finddevice(path), node);
	of_snprintf(path, sizeof(path), "%s/", console);
	tap_eq("finddevice with a trailing slash", of_finddevice(path), node);
	of_snprintf(path, sizeof(path), "%s", console);
	at = unit_of(path) + 1;
	of_snprintf(at, PATH_MAX, "000%s", unit_of(console) + 1);
	tap_eq("finddevice with leading zeros in the unit address", of_finddevice(path), node);
	of_snprintf(path, sizeof(path), "/%s", console);
	tap_true("finddevice of a doubled slash survives", of_finddevice(path) != OF_POISON);
	tap_eq("finddevice of \"/\" is the root", of_finddevice("/"), root);
}

/* Find a node whose unit address has a letter; its path goes to @path. */
static bool find_letter(uint32_t node, char *path, int depth)
{
	for (; node && node != OF_ERR && depth < 16; node = of_peer(node)) {
		uint32_t len = of_package_to_path(node, path, PATH_MAX - 1);
		char *p;

		path[len < PATH_MAX ? len : 0] = '\0';
		for (p = unit_of(path); *p; p++)
			if (*p >= 'a' && *p <= 'f')
				return true;
		if (find_letter(of_child(node), path, depth + 1))
			return true;
	}
	return false;
}

static void test_upper_case(void)
{
	const char *text = "finddevice with upper-case hexadecimal digits";
	char path[PATH_MAX], *p;
	uint32_t node;

	if (!find_letter(of_child(root), path, 0)) {
		tap_skip(text, "no unit address with a letter");
		return;
	}
	node = of_finddevice(path);
	for (p = unit_of(path); *p; p++)
		if (*p >= 'a' && *p <= 'f')
			*p = (char)(*p - 'a' + 'A');
	if (!tap_eq(text, of_finddevice(path), node))
		tap_note("path %s", path);
}

static void test_alias(uint32_t node)
{
	uint32_t aliases = of_finddevice("/aliases"), vdevice = of_parent(node);
	char path[PATH_MAX], parent[PATH_MAX];
	uint32_t len = of_package_to_path(vdevice, parent, sizeof(parent) - 1);

	parent[len < PATH_MAX ? len : 0] = '\0';
	of_setprop(aliases, "ci-self", console, (uint32_t)strlen(console) + 1);
	of_setprop(aliases, "ci-parent", parent, len + 1);
	tap_eq("finddevice of an alias", of_finddevice("ci-self"), node);
	tap_eq("finddevice of an alias with arguments", of_finddevice("ci-self:some,args"), node);
	of_snprintf(path, sizeof(path), "ci-parent/%s", last_of(console));
	tap_eq("finddevice of an alias with a tail", of_finddevice(path), node);
	tap_eq("finddevice of an alias that is not at the start is -1",
	       of_finddevice("/chosen/ci-self"), OF_ERR);
	tap_eq("finddevice of \"/alias\" is -1", of_finddevice("/ci-self"), OF_ERR);
}

static void test_bad_strings(void)
{
	static const char *const services[] = {"finddevice", "open", "test"};
	static const char *const texts[][2] = {
		{"finddevice(NULL) fails", "finddevice of an unmapped address fails"},
		{"open(NULL) fails", "open of an unmapped address fails"},
		{"test(NULL) fails", "test of an unmapped address fails"},
	};
	unsigned int i, k;

	for (i = 0; i < 3; i++)
		for (k = 0; k < 2; k++) {
			uint32_t bad = k ? 0xfff00000u : 0;

			if (tap_skipped_gentle(texts[i][k]))
				continue;
			tap_either(texts[i][k], of_ask(services[i], 1, bad), OF_ERR,
				   i == 1 ? 0 : OF_ERR);
		}
}

/* ---- canon and package-to-path: text, true length, no byte too many ---- */

/*
 * @service turns @subject into @expected. Checked: length and text with a large buffer; that a
 * short buffer still gets the true length and is not overrun; that an empty one is allowed.
 */
void test_path_service(const char *service, uint32_t subject, const char *expected)
{
	uint32_t want = (uint32_t)strlen(expected), got;
	char text[96], buf[PATH_MAX];

	memset(buf, '!', sizeof(buf));
	got = of_ask(service, 3, subject, of_ptr(buf), PATH_MAX - 1);
	of_snprintf(text, sizeof(text), "%s: length of the path without NUL", service);
	tap_eq(text, got, want);
	of_snprintf(text, sizeof(text), "%s: NUL terminated if there is room", service);
	tap_eq(text, (unsigned char)buf[want], 0);
	buf[want] = '\0';
	of_snprintf(text, sizeof(text), "%s: the path itself", service);
	tap_str(text, buf, expected);

	memset(buf, '!', sizeof(buf));
	got = of_ask(service, 3, subject, of_ptr(buf), 4);
	of_snprintf(text, sizeof(text), "%s: true length with a short buffer", service);
	tap_eq(text, got, want);
	of_snprintf(text, sizeof(text), "%s: short buffer holds the start, nothing behind it",
		    service);
	tap_true(text, !memcmp(buf, expected, 3) && buf[4] == '!');

	memset(buf, '!', sizeof(buf));
	got = of_ask(service, 3, subject, of_ptr(buf), 0);
	of_snprintf(text, sizeof(text), "%s: true length with buffer length 0", service);
	tap_eq(text, got, want);
	of_snprintf(text, sizeof(text), "%s: buffer length 0 writes nothing", service);
	tap_eq(text, (unsigned char)buf[0], '!');
}

static void test_canon(void)
{
	char path[PATH_MAX], buf[PATH_MAX];
	uint32_t len;

	of_snprintf(path, sizeof(path), "%s", console);
	*unit_of(path) = '\0';
	test_path_service("canon", of_ptr(path), console);
	memset(buf, 0, sizeof(buf));
	len = of_canon("ci-self", buf, sizeof(buf) - 1);
	tap_eq("canon of an alias: length", len, (uint32_t)strlen(console));
	tap_str("canon of an alias: path", buf, console);
	tap_eq("canon of a missing node is -1", of_canon("/no-such-node", buf, sizeof(buf)),
	       OF_ERR);
	tap_eq("canon of a missing alias is -1", of_canon("no-such-alias", buf, sizeof(buf)),
	       OF_ERR);
	memset(buf, 0, sizeof(buf));
	len = of_canon("/", buf, sizeof(buf) - 1);
	tap_true("canon of \"/\" is \"/\"", len == 1 && !strcmp(buf, "/"));
}

static void test_package_to_path(uint32_t node)
{
	char buf[PATH_MAX] = "";

	test_path_service("package-to-path", node, console);
	tap_true("package-to-path of the root is \"/\"",
		 of_package_to_path(root, buf, sizeof(buf)) == 1 && !strcmp(buf, "/"));
	if (!tap_skipped_gentle("package-to-path of phandle 0 is -1"))
		tap_eq("package-to-path of phandle 0 is -1", of_package_to_path(0, buf, 64),
		       OF_ERR);
	if (!tap_skipped_gentle("package-to-path of a garbage phandle is -1"))
		tap_eq("package-to-path of a garbage phandle is -1",
		       of_package_to_path(GARBAGE, buf, 64), OF_ERR);
	if (!tap_skipped_gentle("package-to-path to an unmapped buffer survives")) {
		of_ask("package-to-path", 3, node, 0xfff00000u, 64);
		tap_true("package-to-path to an unmapped buffer survives", true);
	}
	if (!tap_skipped_gentle("package-to-path with a negative length survives")) {
		of_package_to_path(node, buf, OF_ERR);
		tap_true("package-to-path with a negative length survives", true);
	}
}

void test_tree(void)
{
	uint32_t node, len;

	test_links();
	test_bad_links();
	test_required_nodes();
	test_not_found();
	node = of_instance_to_package(of_stdout);
	len = of_package_to_path(node, console, sizeof(console) - 1);
	console[len < sizeof(console) ? len : 0] = '\0';
	tap_note("console %s", console);
	test_spellings(node);
	test_upper_case();
	test_alias(node);
	test_bad_strings();
	test_canon();
	test_package_to_path(node);
}

/* ---- the walk ---- */

struct walk {
	unsigned int nodes, props;
	unsigned int bad_path, bad_parent, bad_name, bad_length, bad_order, bad_reference;
};

static void complain(unsigned int *counter, const char *what, const char *path, const char *prop)
{
	if (++*counter <= 5)
		tap_note("%s: %s %s", what, path, prop);
}

/* Does @phandle exist? Looked up by its own path, so that a firmware that trusts phandles is not
 * harmed. */
static bool phandle_in(uint32_t node, uint32_t phandle, int depth)
{
	for (; node && node != OF_ERR && depth < 16; node = of_peer(node))
		if (node == phandle || phandle_in(of_child(node), phandle, depth + 1))
			return true;
	return false;
}

/* Properties that hold the phandle of a node. */
static void check_reference(struct walk *w, uint32_t node, const char *path, const char *prop)
{
	uint32_t value = of_getprop_u32(node, prop, 0);

	if (!strcmp(prop, "interrupt-parent") && !phandle_in(root, value, 0))
		complain(&w->bad_reference, "phandle of nobody", path, prop);
	if ((!strcmp(prop, "phandle") || !strcmp(prop, "linux,phandle")) && value != node)
		complain(&w->bad_reference, "not its own phandle", path, prop);
}

static void walk_props(struct walk *w, uint32_t node, const char *path)
{
	char name[OF_NAME_MAX] = "", next[OF_NAME_MAX];
	unsigned int count = 0;
	uint32_t more;

	while ((more = of_nextprop(node, name, next)) == 1 && count++ < 1000) {
		uint32_t len = of_getproplen(node, next);

		if (!next[0] || len == OF_ERR || of_getprop(node, next, NULL, 0) != len)
			complain(&w->bad_length, "getproplen and getprop disagree", path, next);
		check_reference(w, node, path, next);
		memcpy(name, next, sizeof(name));
	}
	if (more || !count)
		complain(&w->bad_order, "nextprop does not end with 0", path, name);
	w->props += count;
}

/* The property "name" must be what the path says. */
static void walk_name(struct walk *w, uint32_t node, char *path)
{
	char name[OF_NAME_MAX] = "", *last = last_of(path), *at = unit_of(last);
	uint32_t len = of_getprop(node, "name", name, sizeof(name) - 1);

	if (len == OF_ERR)
		complain(&w->bad_name, "no property \"name\"", path, "");
	else if (node != root && (len != (uint32_t)(at - last) + 1 || memcmp(name, last, len - 1)))
		complain(&w->bad_name, "the property \"name\" is not the name in the path", path,
			 name);
}

static void walk_node(struct walk *w, uint32_t node, int depth)
{
	char path[PATH_MAX];
	uint32_t len, child;

	w->nodes++;
	len = of_package_to_path(node, path, sizeof(path) - 1);
	path[len < sizeof(path) ? len : 0] = '\0';
	if (of_finddevice(path) != node)
		complain(&w->bad_path, "path does not lead back", path, "");
	walk_name(w, node, path);
	walk_props(w, node, path);
	for (child = of_child(node); child && child != OF_ERR && depth < 16;
	     child = of_peer(child)) {
		if (of_parent(child) != node)
			complain(&w->bad_parent, "child with another parent", path, "");
		walk_node(w, child, depth + 1);
	}
}

void test_walk(const char *when)
{
	struct walk w = {0};
	char text[96];

	walk_node(&w, root, 0);
	tap_note("tree %s: %u nodes, %u properties", when, w.nodes, w.props);
	of_snprintf(text, sizeof(text), "walk %s: path leads back to every node", when);
	tap_eq(text, w.bad_path, 0);
	of_snprintf(text, sizeof(text), "walk %s: parent of every child", when);
	tap_eq(text, w.bad_parent, 0);
	of_snprintf(text, sizeof(text), "walk %s: property \"name\" of every node", when);
	tap_eq(text, w.bad_name, 0);
	of_snprintf(text, sizeof(text), "walk %s: nextprop ends in every node", when);
	tap_eq(text, w.bad_order, 0);
	of_snprintf(text, sizeof(text), "walk %s: length of every property", when);
	tap_eq(text, w.bad_length, 0);
	of_snprintf(text, sizeof(text), "walk %s: every phandle in a property", when);
	tap_eq(text, w.bad_reference, 0);
}
