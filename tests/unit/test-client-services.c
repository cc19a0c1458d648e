/* SPDX-License-Identifier: BSD-2-Clause */
/* Every service doing what IEEE 1275 says it does, when asked properly. */
#include "test-client-calls.h"

#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeclock.h"
#include "of/evaluate.h"

#define VTY_PATH "/vdevice/vty@71000000"

static void test_every_service_is_there(void)
{
	static const char *const names[] = {"test",
					    "canon",
					    "peer",
					    "child",
					    "parent",
					    "finddevice",
					    "getproplen",
					    "getprop",
					    "nextprop",
					    "setprop",
					    "package-to-path",
					    "instance-to-package",
					    "instance-to-path",
					    "instance-to-interposed-path",
					    "open",
					    "close",
					    "read",
					    "write",
					    "seek",
					    "call-method",
					    "test-method",
					    "claim",
					    "release",
					    "boot",
					    "enter",
					    "exit",
					    "chain",
					    "interpret",
					    "set-callback",
					    "milliseconds",
					    "quiesce",
					    "start-cpu"};

	client_start();
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		CHECK_EQ(ask("test", 1, text(names[i])), 0);
	CHECK_EQ(ask("test", 1, text("fdt-fetch")), MINUS_1);
	CHECK_EQ(ask("test", 1, text("")), MINUS_1);
	fakeplatform_stop();
}

/* ---- the tree ------------------------------------------------------------------------------- */

static void test_links_between_nodes(void)
{
	uint32_t root, vdevice, vty, lan;

	client_start();
	root = ask("peer", 1, 0);
	CHECK_EQ(root, find("/"));
	CHECK_EQ(ask("peer", 1, root), 0);
	CHECK_EQ(ask("parent", 1, root), 0);
	CHECK_EQ(ask("child", 1, root), find("/chosen"));
	vdevice = find("/vdevice");
	vty = ask("child", 1, vdevice);
	CHECK_EQ(vty, find(VTY_PATH));
	lan = ask("peer", 1, vty);
	CHECK_EQ(lan, find("/vdevice/l-lan"));
	CHECK_EQ(ask("peer", 1, lan), 0);
	CHECK_EQ(ask("parent", 1, lan), vdevice);
	CHECK_EQ(ask("child", 1, lan), 0);
	fakeplatform_stop();
}

static void test_finddevice_takes_paths_and_aliases(void)
{
	client_start();
	of_alias("hvterm", VTY_PATH);
	CHECK_EQ(find("hvterm"), find(VTY_PATH));
	CHECK_EQ(find("hvterm:args"), find(VTY_PATH));
	CHECK_EQ(find("/vdevice/vty:args"), find(VTY_PATH));
	CHECK_EQ(find("/memory"), find("/memory@0"));
	CHECK_EQ(find("/nothing"), MINUS_1);
	CHECK_EQ(find("nothing"), MINUS_1);
	fakeplatform_stop();
}

static void test_getprop_gives_the_true_length(void)
{
	uint32_t chosen;

	client_start();
	chosen = find("/chosen");
	clear_buf();
	CHECK_EQ(ask("getprop", 4, chosen, text("bootargs"), BUF, 100), 6);
	CHECK(!memcmp(buf(), "quiet\0!", 7));
	clear_buf();
	CHECK_EQ(ask("getprop", 4, chosen, text("bootargs"), BUF, 3), 6);
	CHECK(!memcmp(buf(), "qui!", 4));
	CHECK_EQ(ask("getprop", 4, chosen, text("bootargs"), 0, 0), 6);
	CHECK_EQ(ask("getprop", 4, chosen, text("bootargs"), BUF, MINUS_1), 6);
	CHECK_EQ(ask("getprop", 4, chosen, text("none"), BUF, 100), MINUS_1);
	CHECK_EQ(ask("getproplen", 2, chosen, text("bootargs")), 6);
	CHECK_EQ(ask("getproplen", 2, chosen, text("none")), MINUS_1);
	CHECK_EQ(ask("getproplen", 2, chosen, text("")), MINUS_1);
	CHECK_EQ(ask("getproplen", 2, find("/mmu"), text("translations")), 0);
	fakeplatform_stop();
}

static void test_getprop_may_use_the_last_byte_of_ram(void)
{
	client_start();
	CHECK_EQ(ask("getprop", 4, find("/chosen"), text("bootargs"), FAKERAM_BYTES - 6, 100), 6);
	CHECK_STR((char *)fakeram_bytes(FAKERAM_BYTES - 6), "quiet");
	CHECK_EQ(ask("getprop", 4, find("/chosen"), text("bootargs"), FAKERAM_BYTES - 5, 100),
		 MINUS_1);
	fakeplatform_stop();
}

static void test_nextprop_walks_every_property_once(void)
{
	const struct dt_prop *p;
	uint32_t chosen;
	char name[64] = "";

	client_start();
	chosen = find("/chosen");
	for (p = dt_path_find(of_tree(), "/chosen")->props; p; p = p->next) {
		clear_buf();
		CHECK_EQ(ask("nextprop", 3, chosen, text(name), BUF), 1);
		CHECK_STR(buf(), p->name);
		strcpy(name, buf());
	}
	CHECK_EQ(ask("nextprop", 3, chosen, text(name), BUF), 0);
	CHECK_EQ(ask("nextprop", 3, chosen, text("unknown"), BUF), MINUS_1);
	CHECK_EQ(ask("nextprop", 3, chosen, 0, BUF), 1);
	CHECK_STR(buf(), "name");
	fakeplatform_stop();
}

static void test_setprop_makes_grows_shrinks_and_empties(void)
{
	uint32_t chosen, value;

	client_start();
	chosen = find("/chosen");
	value = text("0123456789");
	CHECK_EQ(ask("setprop", 4, chosen, text("ci-x"), value, 4), 4);
	CHECK_EQ(ask("getproplen", 2, chosen, text("ci-x")), 4);
	CHECK_EQ(ask("setprop", 4, chosen, text("ci-x"), value, 10), 10);
	CHECK_EQ(ask("getprop", 4, chosen, text("ci-x"), BUF, 100), 10);
	CHECK(!memcmp(buf(), "0123456789", 10));
	CHECK_EQ(ask("setprop", 4, chosen, text("ci-x"), 0, 0), 0);
	CHECK_EQ(ask("getproplen", 2, chosen, text("ci-x")), 0);
	CHECK_EQ(ask("setprop", 4, find("/aliases"), text("self"), text("/chosen"), 8), 8);
	CHECK_EQ(find("self"), chosen);
	fakeplatform_stop();
}

static void test_setprop_on_options_sets_the_variable(void)
{
	uint32_t options;

	client_start();
	options = find("/options");
	CHECK_EQ(ask("setprop", 4, options, text("load-base"), text("0x100"), 6), 6);
	CHECK_EQ(ask("getprop", 4, options, text("load-base"), BUF, 100), 4);
	CHECK_STR(buf(), "256");
	CHECK_EQ(ask("setprop", 4, options, text("auto-boot?"), text("false"), 5), 5);
	CHECK_EQ(ask("getproplen", 2, options, text("auto-boot?")), 6);
	CHECK_EQ(ask("setprop", 4, options, text("auto-boot?"), text("maybe"), 6), MINUS_1);
	CHECK_EQ(ask("setprop", 4, options, text("boot-file"), 0, 0), 0);
	CHECK_EQ(ask("getproplen", 2, options, text("boot-file")), 1);
	fakeplatform_stop();
}

static void test_setprop_refuses_names_no_tree_can_have(void)
{
	static const char *const bad[] = {
		"",     "a/b",
		"a b",  "tab\t",
		"\x80", "a-name-that-is-just-one-character-too-long-for-linux-64-bytes--x"};
	uint32_t chosen;

	client_start();
	chosen = find("/chosen");
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		CHECK_EQ(ask("setprop", 4, chosen, text(bad[i]), BUF, 4), MINUS_1);
		CHECK_EQ(ask("getproplen", 2, chosen, text(bad[i])), MINUS_1);
	}
	CHECK_EQ(strlen(bad[5]), 64);
	CHECK_EQ(ask("setprop", 4, chosen, text(bad[5] + 1), BUF, 4), 4);
	fakeplatform_stop();
}

/* A path service: subject, buffer, length -- length. */
static void check_path(const char *service, uint32_t subject, const char *want)
{
	uint32_t len = (uint32_t)strlen(want);

	for (uint32_t room = 0; room < len + 3; room++) {
		uint32_t n = room < len ? room : len;

		clear_buf();
		CHECK_EQ(ask(service, 3, subject, BUF, room), len);
		CHECK(!memcmp(buf(), want, n));
		CHECK_EQ(buf()[n], room > len ? 0 : '!');
		CHECK_EQ(buf()[n + 1], '!');
	}
	CHECK_EQ(ask(service, 3, subject, 0, 0), len);
}

static void test_paths_of_packages(void)
{
	client_start();
	check_path("package-to-path", find("/vdevice/vty"), VTY_PATH);
	check_path("package-to-path", find("/"), "/");
	fakeplatform_stop();
}

static void test_canon_expands_aliases_and_names(void)
{
	client_start();
	of_alias("hvterm", VTY_PATH);
	check_path("canon", text("hvterm"), VTY_PATH);
	check_path("canon", text("/vdevice/vty"), VTY_PATH);
	check_path("canon", text("/vdevice/vty:a,b"), VTY_PATH ":a,b");
	check_path("canon", text("/"), "/");
	CHECK_EQ(ask("canon", 3, text("/nothing"), BUF, 100), MINUS_1);
	CHECK_EQ(ask("canon", 3, text("nothing"), BUF, 100), MINUS_1);
	fakeplatform_stop();
}

/* ---- devices -------------------------------------------------------------------------------- */

static void test_open_gives_instances_and_close_ends_them(void)
{
	uint32_t one, two;

	client_start();
	one = ask("open", 1, text(VTY_PATH ":x,y"));
	two = ask("open", 1, text("/vdevice/vty"));
	CHECK(one && two && one != two);
	CHECK_EQ(ask("instance-to-package", 1, one), find(VTY_PATH));
	check_path("instance-to-path", one, VTY_PATH ":x,y");
	check_path("instance-to-interposed-path", one, VTY_PATH ":x,y");
	CHECK_EQ(call("close", 1, 0, one), 0);
	CHECK_EQ(ask("instance-to-package", 1, one), MINUS_1);
	CHECK_EQ(ask("instance-to-package", 1, two), find(VTY_PATH));
	CHECK_EQ(call("close", 1, 1, two), 0);
	CHECK_EQ(result(1, 0), 0);
	CHECK_EQ(ask("open", 1, text("/nothing")), 0);
	CHECK_EQ(ask("open", 1, text("/vdevice/l-lan")), 0);
	fakeplatform_stop();
}

static void test_a_parent_cannot_be_closed_under_its_child(void)
{
	uint32_t t;
	struct instance *in;

	client_start();
	t = ask("open", 1, text(VTY_PATH));
	in = instance_find(t);
	CHECK_EQ(call("close", 1, 1, in->parent->ihandle), 0);
	CHECK_EQ(result(1, 0), MINUS_1);
	CHECK(instance_find(t) == in && instance_find(in->parent->ihandle) == in->parent);
	CHECK_EQ(call("close", 1, 1, t), 0);
	CHECK_EQ(result(1, 0), 0);
	fakeplatform_stop();
}

static void test_closing_stdin_closes_it_and_no_more(void)
{
	client_start();
	CHECK_EQ(call("close", 1, 0, chosen_cell("stdin")), 0);
	CHECK_EQ(fakeplatform.quiesces, 0);
	CHECK_EQ(ask("write", 3, chosen_cell("stdout"), text("x"), 1), 1);
	CHECK_EQ(of_key(), (uint64_t)-1);
	fakeplatform_stop();
}

static void test_console_reads_and_writes(void)
{
	uint32_t in, out;

	client_start();
	in = chosen_cell("stdin");
	out = chosen_cell("stdout");
	CHECK_EQ(ask("write", 3, out, text("hello"), 5), 5);
	CHECK_STR(fakecon.sent, "hello");
	CHECK_EQ(ask("write", 3, out, 0, 0), 0);
	CHECK_EQ(ask("read", 3, in, BUF, 10), (uint32_t)-2);
	fakecon.input = "key";
	clear_buf();
	CHECK_EQ(ask("read", 3, in, BUF, 2), 2);
	CHECK(!memcmp(buf(), "ke!", 3));
	CHECK_EQ(ask("seek", 3, out, 0, 0), MINUS_1);
	CHECK_EQ(ask("read", 3, chosen_cell("memory"), BUF, 2), MINUS_1);
	fakeplatform_stop();
}

static cell_t seen[4];
static unsigned seen_depth;

/* Keeps its arguments, leaves three results. */
static int m_keep(struct instance *in UNUSED, struct stack *st, const struct method *self UNUSED)
{
	seen_depth = st->depth;
	for (unsigned i = 0; i < st->depth && i < 4; i++)
		seen[i] = st->cell[i];
	st->depth -= 2;
	arg_push(st, 0x1111);
	arg_push(st, 0x2222);
	arg_push(st, 0xffffffff33333333ull);
	return 0;
}

static int m_fails(struct instance *in UNUSED, struct stack *st, const struct method *self UNUSED)
{
	(void)arg_pop(st);
	arg_push(st, 77);
	return E_IO;
}

static int m_seek(struct instance *in UNUSED, struct stack *st, const struct method *self UNUSED)
{
	seen[1] = arg_pop(st); /* pos.hi */
	seen[0] = arg_pop(st);
	arg_push(st, 0);
	return 0;
}

static const struct method t_methods[] = {{"keep", "( a b -- x y z )", m_keep},
					  {"fails", "( a -- b )", m_fails},
					  {"seek", "( pos.lo pos.hi -- status )", m_seek},
					  {NULL, NULL, NULL}};
static const struct pkg_class t_class = {.methods = t_methods};

static uint32_t open_t(void)
{
	of_bind(dt_path_find(of_tree(), "/vdevice/l-lan"), &t_class, NULL);
	return ask("open", 1, text("/vdevice/l-lan"));
}

static void test_call_method_lists_the_top_of_the_stack_first(void)
{
	uint32_t t;

	client_start();
	t = open_t();
	CHECK_EQ(call("call-method", 4, 4, text("keep"), t, 0xb, 0xfffffffe), 0);
	CHECK_EQ(seen_depth, 2);
	CHECK_EQ(seen[1], 0xb); /* the top */
	CHECK_EQ(seen[0], 0xfffffffe);
	CHECK_EQ(result(4, 0), 0);
	CHECK_EQ(result(4, 1), 0x33333333);
	CHECK_EQ(result(4, 2), 0x2222);
	CHECK_EQ(result(4, 3), 0x1111);
	CHECK_EQ(result(4, 4), POISON);
	fakeplatform_stop();
}

static void test_call_method_drops_and_pads_results(void)
{
	uint32_t t;

	client_start();
	t = open_t();
	CHECK_EQ(call("call-method", 4, 2, text("keep"), t, 1, 2), 0);
	CHECK_EQ(result(4, 1), 0x33333333);
	CHECK_EQ(result(4, 2), POISON);
	CHECK_EQ(call("call-method", 4, 6, text("keep"), t, 1, 2), 0);
	CHECK_EQ(result(4, 3), 0x1111);
	CHECK_EQ(result(4, 4), 0);
	CHECK_EQ(result(4, 5), 0);
	CHECK_EQ(call("call-method", 4, 0, text("keep"), t, 1, 2), 0);
	CHECK_EQ(result(4, 0), POISON);
	/* one argument more than the method takes stays below its results */
	CHECK_EQ(call("call-method", 5, 5, text("keep"), t, 1, 2, 9), 0);
	CHECK_EQ(result(5, 4), 9);
	fakeplatform_stop();
}

static void test_call_method_catches_failures(void)
{
	uint32_t t;

	client_start();
	t = open_t();
	CHECK_EQ(call("call-method", 3, 2, text("fails"), t, 5), 0);
	CHECK_EQ(result(3, 0), MINUS_1);
	CHECK_EQ(result(3, 1), 0);
	CHECK_EQ(call("call-method", 3, 2, text("keep"), t, 5), 0);
	CHECK_EQ(result(3, 0), (uint32_t)-4);
	CHECK_EQ(call("call-method", 2, 2, text("no-such"), t), 0);
	CHECK_EQ(result(2, 0), (uint32_t)-21);
	CHECK_EQ(call("call-method", 4, 2, text("write"), chosen_cell("stdout"), 5, 0x100), 0);
	CHECK_EQ(result(4, 0), (uint32_t)-9);
	CHECK_EQ(fakecon.sent_len, 0);
	CHECK_EQ(call("call-method", 4, 2, text("write"), chosen_cell("stdout"), 5, text("hello")),
		 0);
	CHECK_EQ(result(4, 0), 0);
	CHECK_EQ(result(4, 1), 5);
	CHECK_STR(fakecon.sent, "hello");
	fakeplatform_stop();
}

static void test_seek_gives_the_high_half_on_top(void)
{
	client_start();
	CHECK_EQ(ask("seek", 3, open_t(), 0x12, 0x34), 0);
	CHECK_EQ(seen[0], 0x34);
	CHECK_EQ(seen[1], 0x12);
	fakeplatform_stop();
}

static void test_test_method_looks_and_does_not_touch(void)
{
	client_start();
	CHECK_EQ(ask("test-method", 2, find(VTY_PATH), text("write")), 0);
	CHECK_EQ(ask("test-method", 2, find(VTY_PATH), text("writ")), MINUS_1);
	CHECK_EQ(ask("test-method", 2, find("/cpus"), text("write")), MINUS_1);
	CHECK_EQ(ask("test-method", 2, find("/memory"), text("claim")), 0);
	fakeplatform_stop();
}

static void test_services_of_a_node_that_is_gone_fail(void)
{
	struct dt_node *node;
	uint32_t t, phandle;

	client_start();
	t = open_t();
	phandle = find("/vdevice/l-lan");
	node = dt_path_find(of_tree(), "/vdevice/l-lan");
	instance_forget_node(node);
	dt_node_delete(of_tree(), node);
	CHECK_EQ(ask("getproplen", 2, phandle, text("name")), MINUS_1);
	CHECK_EQ(ask("instance-to-package", 1, t), MINUS_1);
	CHECK_EQ(ask("instance-to-path", 3, t, BUF, 100), MINUS_1);
	CHECK_EQ(ask("read", 3, t, BUF, 100), MINUS_1);
	CHECK_EQ(call("call-method", 2, 1, text("keep"), t), 0);
	CHECK(result(2, 0) != 0);
	CHECK_EQ(call("close", 1, 0, t), 0);
	CHECK_EQ(call("close", 1, 0, t), (uint64_t)-1);
	fakeplatform_stop();
}

/* ---- memory --------------------------------------------------------------------------------- */

static void test_claim_is_exact_or_aligned(void)
{
	uint32_t a, b;

	client_start();
	CHECK_EQ(ask("claim", 3, 0x300000, 0x2000, 0), 0x300000);
	CHECK_EQ(ask("claim", 3, 0x301000, 0x1000, 0), MINUS_1);
	a = ask("claim", 3, 0x301000, 0x1000, 0x100000);
	b = ask("claim", 3, 0, 0x1000, 3);
	CHECK_EQ(a % 0x100000, 0);
	CHECK_EQ(b % 4, 0);
	CHECK(a + 0x1000 <= FAKERAM_BYTES && b + 0x1000 <= FAKERAM_BYTES);
	CHECK_EQ(call("release", 2, 0, 0x300000, 0x2000), 0);
	CHECK_EQ(ask("claim", 3, 0x301000, 0x1000, 0), 0x301000);
	fakeplatform_stop();
}

static void test_claims_that_cannot_be_are_refused(void)
{
	static const uint32_t bad[][3] = {
		{0x100, 0x100, 0},       {0, 0, 0},
		{0, 0, 0x1000},          {FAKERAM_BYTES, 0x1000, 0},
		{0xfffff000, 0x2000, 0}, {0x4000, 0xff000000, 0},
		{0, 0xff000000, 0x1000}, {0, MINUS_1, 0x1000},
		{0, 0x1000, 0x80000001}, {FAKERAM_BYTES - 0x1000, 0x2000, 0},
	};

	client_start();
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(ask("claim", 3, bad[i][0], bad[i][1], bad[i][2]), MINUS_1);
	fakeplatform_stop();
}

static void test_available_shows_claims_at_once(void)
{
	uint32_t memory, len;

	client_start();
	memory = find("/memory");
	len = ask("getproplen", 2, memory, text("available"));
	CHECK_EQ(len, 16);
	CHECK_EQ(ask("claim", 3, 0x300000, 0x1000, 0), 0x300000);
	CHECK_EQ(ask("getprop", 4, memory, text("available"), BUF, 100), 32);
	CHECK_EQ(get_be64(fakeram_bytes(BUF)), FAKERAM_LOW_END);
	CHECK_EQ(get_be64(fakeram_bytes(BUF + 8)), 0x300000 - FAKERAM_LOW_END);
	CHECK_EQ(get_be64(fakeram_bytes(BUF + 16)), 0x301000);
	CHECK_EQ(call("release", 2, 0, 0x300000, 0x1000), 0);
	CHECK_EQ(ask("getproplen", 2, memory, text("available")), 16);
	fakeplatform_stop();
}

static void test_release_of_what_was_not_claimed_changes_nothing(void)
{
	uint32_t memory;

	client_start();
	memory = find("/memory");
	CHECK_EQ(mem_claim(0x300000, 0x1000, MEM_LOADED), 0);
	CHECK_EQ(call("release", 2, 1, 0x300000, 0x1000), 0);
	CHECK_EQ(result(2, 0), MINUS_1);
	CHECK_EQ(call("release", 2, 0, 0, 0x1000), 0);
	CHECK_EQ(call("release", 2, 0, 0xf0000000, 0x1000), 0);
	CHECK_EQ(ask("getproplen", 2, memory, text("available")), 32);
	CHECK(!mem_client_may(0, 1));
	fakeplatform_stop();
}

static void test_thousands_of_claims_work(void)
{
	static uint32_t area[3000];

	client_start();
	for (unsigned i = 0; i < ARRAY_SIZE(area); i++) {
		area[i] = ask("claim", 3, 0, 0x1000, 0x2000);
		CHECK(area[i] != MINUS_1 && area[i] % 0x2000 == 0);
	}
	for (unsigned i = 0; i < ARRAY_SIZE(area); i++)
		CHECK_EQ(call("release", 2, 0, area[i * 7 % ARRAY_SIZE(area)], 0x1000), 0);
	CHECK_EQ(ask("getproplen", 2, find("/memory"), text("available")), 16);
	fakeplatform_stop();
}

/* ---- control -------------------------------------------------------------------------------- */

static void test_exit_enter_and_boot_reach_the_platform(void)
{
	client_start();
	CHECK_EQ(call("exit", 0, 0), 0);
	CHECK_EQ(fakeplatform.exits, 1);
	CHECK_EQ(call("enter", 0, 0), 0);
	CHECK_EQ(fakeplatform.exits, 2);
	call("boot", 1, 0, text("disk:1 args"));
	CHECK_EQ(fakeplatform.reboots, 1);
	fakeplatform_stop();
}

static void test_chain_frees_and_enters(void)
{
	client_start();
	CHECK_EQ(ask("claim", 3, 0x300000, 0x2000, 0), 0x300000);
	call("chain", 5, 0, 0x300000, 0x2000, 0x400000, 0x500000, 7);
	CHECK_EQ(fakeplatform.chains, 1);
	CHECK_EQ(fakeplatform.chain.entry, 0x400000);
	CHECK_EQ(fakeplatform.chain.args, 0x500000);
	CHECK_EQ(fakeplatform.chain.len, 7);
	CHECK_EQ(ask("claim", 3, 0x300000, 0x2000, 0), 0x300000);
	fakeplatform_stop();
}

static void test_interpret_says_that_it_cannot(void)
{
	client_start();
	CHECK_EQ(call("interpret", 1, 2, text("1 2 +")), 0);
	CHECK_EQ(result(1, 0), MINUS_1);
	CHECK_EQ(result(1, 1), 0);
	fakeplatform_stop();
}

/* An evaluator that subtracts, leaves a third cell, or throws. */
static int fake_interpret(const char *said, size_t len, struct stack *st)
{
	cell_t top;

	if (len != 1 || *said != '-')
		return -77;
	top = arg_pop(st);
	arg_push(st, arg_pop(st) - top);
	arg_push(st, 0x123);
	return 0;
}

static void test_interpret_passes_cells_top_first(void)
{
	static const struct of_evaluator evaluator = {.interpret = fake_interpret};

	client_start();
	of_set_evaluator(&evaluator);
	CHECK_EQ(call("interpret", 3, 3, text("-"), 1, 5), 0);
	CHECK_EQ(result(3, 0), 0);
	CHECK_EQ(result(3, 1), 0x123);
	CHECK_EQ(result(3, 2), 4);
	CHECK_EQ(call("interpret", 3, 1, text("-"), 1, 5), 0);
	CHECK_EQ(result(3, 0), 0);
	CHECK_EQ(call("interpret", 1, 2, text("x")), 0);
	CHECK_EQ(result(1, 0), (uint32_t)-77);
	CHECK_EQ(result(1, 1), 0);
	of_set_evaluator(NULL);
	fakeplatform_stop();
}

static unsigned entered;

static int fake_enter(bool (*over)(void))
{
	entered++;
	return over && !over() ? 0 : E_NOMEM;
}

static void test_enter_comes_back_from_the_prompt(void)
{
	static const struct of_evaluator evaluator = {.enter = fake_enter};

	client_start();
	of_set_evaluator(&evaluator);
	entered = 0;
	CHECK_EQ(call("enter", 0, 0), 0);
	CHECK_EQ(entered, 1);
	CHECK_EQ(fakeplatform.exits, 0);
	of_set_evaluator(NULL);
	fakeplatform_stop();
}

static void test_set_callback_gives_back_the_previous_one(void)
{
	client_start();
	ask("set-callback", 1, 0x1000);
	CHECK_EQ(ask("set-callback", 1, 0xfffffffc), 0x1000);
	CHECK_EQ(ask("set-callback", 1, 0), 0xfffffffc);
	fakeplatform_stop();
}

static void test_milliseconds_count(void)
{
	uint32_t before;

	client_start();
	before = ask("milliseconds", 0);
	fake_now_us += 50000;
	CHECK_EQ(ask("milliseconds", 0) - before, 50);
	fakeplatform_stop();
}

static void test_quiesce_is_done_once_and_handles_live_on(void)
{
	uint32_t out;

	client_start();
	out = chosen_cell("stdout");
	CHECK_EQ(call("quiesce", 0, 0), 0);
	CHECK_EQ(call("quiesce", 0, 0), 0);
	CHECK_EQ(fakeplatform.quiesces, 1);
	CHECK_EQ(ask("write", 3, out, text("still"), 5), 5);
	CHECK_STR(fakecon.sent, "still");
	fakeplatform_stop();
}

static void test_start_cpu_names_the_interrupt_server(void)
{
	client_start();
	CHECK_EQ(call("start-cpu", 3, 0, find("/cpus/@8"), 0x4000, 8), 0);
	CHECK_EQ(fakeplatform.cpu.server, 8);
	CHECK_EQ(fakeplatform.cpu.entry, 0x4000);
	CHECK_EQ(fakeplatform.cpu.r3, 8);
	CHECK_EQ(ask("start-cpu", 3, find("/cpus/@8"), 0x4000, 8), 0);
	fakeplatform.cpu.result = E_IO;
	CHECK_EQ(ask("start-cpu", 3, find("/cpus/@8"), 0x4000, 8), MINUS_1);
	fakeplatform_stop();
}

static const struct test tests[] = {
	TEST(test_every_service_is_there),
	TEST(test_links_between_nodes),
	TEST(test_finddevice_takes_paths_and_aliases),
	TEST(test_getprop_gives_the_true_length),
	TEST(test_getprop_may_use_the_last_byte_of_ram),
	TEST(test_nextprop_walks_every_property_once),
	TEST(test_setprop_makes_grows_shrinks_and_empties),
	TEST(test_setprop_on_options_sets_the_variable),
	TEST(test_setprop_refuses_names_no_tree_can_have),
	TEST(test_paths_of_packages),
	TEST(test_canon_expands_aliases_and_names),
	TEST(test_open_gives_instances_and_close_ends_them),
	TEST(test_a_parent_cannot_be_closed_under_its_child),
	TEST(test_closing_stdin_closes_it_and_no_more),
	TEST(test_console_reads_and_writes),
	TEST(test_call_method_lists_the_top_of_the_stack_first),
	TEST(test_call_method_drops_and_pads_results),
	TEST(test_call_method_catches_failures),
	TEST(test_seek_gives_the_high_half_on_top),
	TEST(test_test_method_looks_and_does_not_touch),
	TEST(test_services_of_a_node_that_is_gone_fail),
	TEST(test_claim_is_exact_or_aligned),
	TEST(test_claims_that_cannot_be_are_refused),
	TEST(test_available_shows_claims_at_once),
	TEST(test_release_of_what_was_not_claimed_changes_nothing),
	TEST(test_thousands_of_claims_work),
	TEST(test_exit_enter_and_boot_reach_the_platform),
	TEST(test_chain_frees_and_enters),
	TEST(test_interpret_says_that_it_cannot),
	TEST(test_interpret_passes_cells_top_first),
	TEST(test_enter_comes_back_from_the_prompt),
	TEST(test_set_callback_gives_back_the_previous_one),
	TEST(test_milliseconds_count),
	TEST(test_quiesce_is_done_once_and_handles_live_on),
	TEST(test_start_cpu_names_the_interrupt_server),
};
TEST_MAIN(tests)
