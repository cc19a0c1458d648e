/* SPDX-License-Identifier: BSD-2-Clause */
/* The decoder: arrays, counts, names, handles, strings and buffers that are not what they should be. */
#include "test-client-calls.h"

#include "base/trace.h"
#include "dt/path.h"

static void test_a_good_call_returns_0_and_leaves_the_rest_alone(void)
{
	client_start();
	CHECK_EQ(call("peer", 1, 1, 0), 0);
	CHECK_EQ(result(1, 0), of_tree()->root->phandle);
	CHECK_EQ(result(1, 1), POISON);
	CHECK_EQ(get_be32(fakeram_bytes(ARRAY + 4)), 1);
	CHECK_EQ(get_be32(fakeram_bytes(ARRAY + 12)), 0);
	fakeplatform_stop();
}

static void test_unknown_services_return_minus_1(void)
{
	static const char *const names[] = {"",    "dup", "pee", "peers", "Peer", "no-such-service",
					    "zzz", "a"};

	client_start();
	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		CHECK_EQ(call(names[i], 1, 2, 0), (uint64_t)-1);
		CHECK_EQ(result(1, 0), MINUS_1);
		CHECK_EQ(result(1, 1), MINUS_1);
		CHECK_EQ(result(1, 2), POISON);
		CHECK_EQ(call(names[i], 0, 0), (uint64_t)-1);
	}
	fakeplatform_stop();
}

static void test_a_name_must_be_a_string_of_the_clients(void)
{
	static const uint32_t bad[] = {0, 0x100, FAKERAM_BYTES, MINUS_1, FAKERAM_BYTES - 4};

	client_start();
	memset(fakeram_bytes(FAKERAM_BYTES - 4), 'p', 4); /* no NUL before the end of RAM */
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		put_cell(0, bad[i]);
		put_cell(1, 1);
		put_cell(2, 1);
		put_cell(3, 0);
		CHECK_EQ(call_array(ARRAY), (uint64_t)-1);
		CHECK_EQ(result(1, 0), MINUS_1);
	}
	memset(fakeram_bytes(BUF), 'x', 0x1000); /* longer than any name */
	put_cell(0, BUF);
	CHECK_EQ(call_array(ARRAY), (uint64_t)-1);
	fakeplatform_stop();
}

static void test_the_array_must_be_the_clients(void)
{
	static const uint64_t bad[] = {0,
				       0x100,
				       FAKERAM_LOW_END - 4,
				       FAKERAM_BYTES - 8,
				       FAKERAM_BYTES,
				       UINT64_MAX - 3,
				       UINT64_MAX,
				       1ull << 40};

	client_start();
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		CHECK_EQ(call_array(bad[i]), (uint64_t)-1);
	/* the head is the client's, the results are not */
	put_be32(fakeram_bytes(FAKERAM_BYTES - 16), text("peer"));
	put_be32(fakeram_bytes(FAKERAM_BYTES - 12), 1);
	put_be32(fakeram_bytes(FAKERAM_BYTES - 8), 1);
	CHECK_EQ(call_array(FAKERAM_BYTES - 16), (uint64_t)-1);
	CHECK_EQ(trace_youngest(0)->arg[0], 0); /* nothing is taken from what is no array */
	fakeplatform_stop();
}

static void test_an_array_may_end_with_ram_and_have_any_alignment(void)
{
	client_start();
	for (unsigned shift = 0; shift < 4; shift++) {
		uint64_t at = FAKERAM_BYTES - 20 - shift;

		put_be32(fakeram_bytes(at), text("peer"));
		put_be32(fakeram_bytes(at + 4), 1);
		put_be32(fakeram_bytes(at + 8), 1);
		put_be32(fakeram_bytes(at + 12), 0);
		CHECK_EQ(call_array(at), 0);
		CHECK_EQ(get_be32(fakeram_bytes(at + 16)), of_tree()->root->phandle);
	}
	fakeplatform_stop();
}

static void test_absurd_counts_are_refused(void)
{
	static const uint32_t bad[] = {CLIENT_CELLS + 1, 1000,       0x40000000,
				       0x7fffffff,       0x80000000, MINUS_1};

	client_start();
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		put_cell(0, text("call-method"));
		put_cell(1, bad[i]);
		put_cell(2, 1);
		put_cell(3, POISON);
		CHECK_EQ(call_array(ARRAY), (uint64_t)-1);
		put_cell(1, 1);
		put_cell(2, bad[i]);
		CHECK_EQ(call_array(ARRAY), (uint64_t)-1);
		CHECK_EQ(get_be32(fakeram_bytes(ARRAY + 12)), POISON);
	}
	fakeplatform_stop();
}

static void test_too_few_arguments_or_results_are_refused(void)
{
	client_start();
	CHECK_EQ(call("getprop", 3, 1, 1, 2, 3), (uint64_t)-1);
	CHECK_EQ(result(3, 0), MINUS_1);
	CHECK_EQ(call("finddevice", 0, 1), (uint64_t)-1);
	CHECK_EQ(result(0, 0), MINUS_1);
	CHECK_EQ(call("finddevice", 1, 0, text("/")), (uint64_t)-1);
	CHECK_EQ(call("call-method", 1, 1, text("write")), (uint64_t)-1);
	CHECK_EQ(result(1, 0), MINUS_1);
	CHECK_EQ(call("open", 0, 0), (uint64_t)-1);
	fakeplatform_stop();
}

static void test_more_arguments_and_results_are_tolerated(void)
{
	client_start();
	CHECK_EQ(call("peer", 3, 3, 0, 7, 8), 0);
	CHECK_EQ(result(3, 0), of_tree()->root->phandle);
	CHECK_EQ(result(3, 1), 0);
	CHECK_EQ(result(3, 2), 0);
	CHECK_EQ(result(3, 3), POISON);
	fakeplatform_stop();
}

static void test_thirty_two_of_each_are_served(void)
{
	client_start();
	put_cell(0, text("peer"));
	put_cell(1, CLIENT_CELLS);
	put_cell(2, CLIENT_CELLS);
	for (unsigned i = 0; i < 2 * CLIENT_CELLS + 1; i++)
		put_cell(3 + i, 0x01010101 * (i > CLIENT_CELLS));
	put_cell(3, 0);
	CHECK_EQ(call_array(ARRAY), 0);
	CHECK_EQ(result(CLIENT_CELLS, 0), of_tree()->root->phandle);
	CHECK_EQ(result(CLIENT_CELLS, CLIENT_CELLS - 1), 0);
	CHECK_EQ(result(CLIENT_CELLS, CLIENT_CELLS), 0x01010101);
	fakeplatform_stop();
}

/* Every service that takes a phandle or ihandle as its first argument. */
static void test_bad_handles_are_the_services_failure(void)
{
	static const struct {
		const char *name;
		unsigned nargs;
	} services[] = {{"child", 1},
			{"parent", 1},
			{"getproplen", 2},
			{"getprop", 4},
			{"nextprop", 3},
			{"setprop", 4},
			{"package-to-path", 3},
			{"test-method", 2},
			{"start-cpu", 3},
			{"instance-to-package", 1},
			{"instance-to-path", 3},
			{"instance-to-interposed-path", 3},
			{"read", 3},
			{"write", 3},
			{"seek", 3}};
	static const uint32_t bad[] = {0, POISON, MINUS_1, 0x00100fff, 0x7ff00000};
	uint32_t name;

	client_start();
	name = text("name");
	for (unsigned i = 0; i < ARRAY_SIZE(services); i++)
		for (unsigned k = 0; k < ARRAY_SIZE(bad); k++) {
			CHECK_EQ(
				call(services[i].name, services[i].nargs, 1, bad[k], name, BUF, 16),
				0);
			CHECK_EQ(result(services[i].nargs, 0), MINUS_1);
		}
	for (unsigned k = 1; k < ARRAY_SIZE(bad); k++)
		CHECK_EQ(ask("peer", 1, bad[k]), MINUS_1);
	for (unsigned k = 0; k < ARRAY_SIZE(bad); k++) {
		CHECK_EQ(call("close", 1, 0, bad[k]), (uint64_t)-1);
		CHECK_EQ(call("call-method", 2, 2, text("write"), bad[k]), 0);
		CHECK_EQ(result(2, 0), MINUS_1);
		CHECK_EQ(result(2, 1), 0);
	}
	fakeplatform_stop();
}

/* Every service that takes a string as its first argument. */
static void test_bad_strings_are_the_services_failure(void)
{
	static const uint32_t bad[] = {0, 0x100, FAKERAM_BYTES, MINUS_1, FAKERAM_BYTES - 4};

	client_start();
	memset(fakeram_bytes(FAKERAM_BYTES - 4), '/', 4);
	for (unsigned k = 0; k < ARRAY_SIZE(bad); k++) {
		CHECK_EQ(ask("finddevice", 1, bad[k]), MINUS_1);
		CHECK_EQ(ask("open", 1, bad[k]), 0);
		CHECK_EQ(ask("test", 1, bad[k]), MINUS_1);
		CHECK_EQ(ask("canon", 3, bad[k], BUF, 16), MINUS_1);
		CHECK_EQ(ask("getproplen", 2, of_tree()->root->phandle, bad[k]), MINUS_1);
		CHECK_EQ(call("interpret", 1, 1, bad[k]), 0);
		CHECK_EQ(result(1, 0), MINUS_1);
		CHECK_EQ(call("boot", 1, 0, bad[k]), (uint64_t)-1);
	}
	CHECK_EQ(fakeplatform.reboots, 0);
	fakeplatform_stop();
}

static void test_strings_are_bounded_at_4096_bytes(void)
{
	client_start();
	memset(fakeram_bytes(BUF), '/', 5000);
	fakeram_bytes(BUF)[4095] = 0;
	CHECK_EQ(ask("finddevice", 1, BUF), of_tree()->root->phandle);
	fakeram_bytes(BUF)[4095] = '/';
	fakeram_bytes(BUF)[4096] = 0;
	CHECK_EQ(ask("finddevice", 1, BUF), MINUS_1);
	fakeplatform_stop();
}

static void test_a_string_may_end_with_ram(void)
{
	client_start();
	memcpy(fakeram_bytes(FAKERAM_BYTES - 8), "/chosen", 8);
	CHECK_EQ(ask("finddevice", 1, FAKERAM_BYTES - 8), find("/chosen"));
	fakeplatform_stop();
}

static void test_bad_buffers_are_the_services_failure(void)
{
	static const struct {
		uint32_t addr, len;
	} bad[] = {{0, 16},       {0x100, 16},   {FAKERAM_BYTES - 8, 16}, {FAKERAM_BYTES, 16},
		   {MINUS_1, 16}, {BUF, MINUS_1}};
	uint32_t chosen, out;

	client_start();
	chosen = find("/chosen");
	out = chosen_cell("stdout");
	for (unsigned k = 0; k < ARRAY_SIZE(bad); k++) {
		CHECK_EQ(ask("write", 3, out, bad[k].addr, bad[k].len), MINUS_1);
		CHECK_EQ(ask("read", 3, out, bad[k].addr, bad[k].len), MINUS_1);
		CHECK_EQ(ask("setprop", 4, chosen, text("ci-x"), bad[k].addr, bad[k].len), MINUS_1);
		if (bad[k].addr == BUF)
			continue;
		CHECK_EQ(ask("getprop", 4, chosen, text("stdout-path"), bad[k].addr, bad[k].len),
			 MINUS_1);
		CHECK_EQ(ask("package-to-path", 3, find("/vdevice/vty"), bad[k].addr, 16), MINUS_1);
		/* "name" and its NUL are the client's at the end of RAM */
		CHECK_EQ(ask("nextprop", 3, chosen, 0, bad[k].addr),
			 bad[k].addr == FAKERAM_BYTES - 8 ? 1 : MINUS_1);
	}
	CHECK_EQ(ask("getproplen", 2, chosen, text("ci-x")), MINUS_1);
	CHECK_EQ(fakecon.sent_len, 0);
	fakeplatform_stop();
}

static void test_calls_are_traced_with_names_that_live(void)
{
	const struct trace_record *r;

	client_start();
	call("getproplen", 2, 1, 1, 0);
	r = trace_youngest(0);
	CHECK_EQ(r->kind, TRACE_CLIENT);
	CHECK_STR(r->what, "getproplen");
	CHECK_EQ(r->arg[0], 1);
	CHECK_EQ(r->result, (uint64_t)-1);
	call("no-such-service", 0, 0);
	CHECK_STR(trace_youngest(0)->what, "?");
	CHECK_EQ(trace_youngest(0)->result, (uint64_t)-1);
	fakeplatform_stop();
}

/* What a call costs is what a walk over a big tree costs: looked at over all nodes' phandles. */
static void test_calls_work_on_thousands_of_nodes(void)
{
	struct dt_node *vdevice;
	uint32_t node;
	unsigned n = 0;

	client_start();
	vdevice = dt_path_find(of_tree(), "/vdevice");
	for (unsigned i = 0; i < 5000; i++) {
		char name[32];

		snprintf(name, sizeof(name), "dev@%x", i);
		dt_node_new(of_tree(), vdevice, name, DT_FROM_FIRMWARE);
	}
	for (node = ask("child", 1, find("/vdevice")); node; node = ask("peer", 1, node))
		n++;
	CHECK_EQ(n, 5002);
	fakeplatform_stop();
}

static const struct test tests[] = {
	TEST(test_a_good_call_returns_0_and_leaves_the_rest_alone),
	TEST(test_unknown_services_return_minus_1),
	TEST(test_a_name_must_be_a_string_of_the_clients),
	TEST(test_the_array_must_be_the_clients),
	TEST(test_an_array_may_end_with_ram_and_have_any_alignment),
	TEST(test_absurd_counts_are_refused),
	TEST(test_too_few_arguments_or_results_are_refused),
	TEST(test_more_arguments_and_results_are_tolerated),
	TEST(test_thirty_two_of_each_are_served),
	TEST(test_bad_handles_are_the_services_failure),
	TEST(test_bad_strings_are_the_services_failure),
	TEST(test_strings_are_bounded_at_4096_bytes),
	TEST(test_a_string_may_end_with_ram),
	TEST(test_bad_buffers_are_the_services_failure),
	TEST(test_calls_are_traced_with_names_that_live),
	TEST(test_calls_work_on_thousands_of_nodes),
};
TEST_MAIN(tests)
