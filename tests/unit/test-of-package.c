/* SPDX-License-Identifier: BSD-2-Clause */
/* Methods and their stack effects; instances, handles, chains; quiesce. */
#include "check.h"

#include "base/err.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "fakeheap.h"
#include "fakeplatform.h"

static cell_t cells[8];
static struct stack st = {cells, 0, ARRAY_SIZE(cells)};

static void push(cell_t v)
{
	CHECK_EQ(stack_push(&st, v), 0);
}

/* ---- methods ------------------------------------------------------------------------------ */

static int m_sub(struct instance *in UNUSED, struct stack *s, const struct method *self UNUSED)
{
	cell_t b = arg_pop(s), a = arg_pop(s);

	arg_push(s, a - b);
	return 0;
}

static int m_fail(struct instance *in UNUSED, struct stack *s, const struct method *self UNUSED)
{
	(void)arg_pop(s);
	return E_IO;
}

static int m_three(struct instance *in UNUSED, struct stack *s, const struct method *self UNUSED)
{
	for (cell_t i = 1; i <= 3; i++)
		arg_push(s, i);
	return 0;
}

/* ( [addr] flag -- sum ) as claim does it. */
static int m_optional(struct instance *in UNUSED, struct stack *s, const struct method *self UNUSED)
{
	cell_t flag = arg_pop(s);

	arg_push(s, flag ? flag : arg_pop(s));
	return 0;
}

static int m_unknown(struct instance *in UNUSED, struct stack *s, const struct method *self UNUSED)
{
	s->depth = 0;
	return 0;
}

static const struct method methods[] = {
	{"sub", "( a b -- a-b )", m_sub},   {"fail", "( a b -- c )", m_fail},
	{"three", "( -- 1 2 3 )", m_three}, {"optional", "( [addr] flag -- sum )", m_optional},
	{"unknown", NULL, m_unknown},       {NULL, NULL, NULL},
};

static const struct method *find(const char *name)
{
	static const struct pkg_class cls = {.methods = methods};
	struct dt_node *node = dt_path_find(of_tree(), "/cpus");

	of_bind(node, &cls, NULL);
	return method_find(node, name, strlen(name));
}

static void begin(void)
{
	fakeplatform_start(FAKE_TREE_ONLY);
	st.depth = 0;
}

static void test_a_method_takes_and_leaves_what_its_effect_says(void)
{
	begin();
	push(77);
	push(10);
	push(3);
	CHECK_EQ(method_call(find("sub"), NULL, &st), 0);
	CHECK_EQ(st.depth, 2);
	CHECK_EQ(cells[0], 77);
	CHECK_EQ(cells[1], 7);
	fakeplatform_stop();
}

static void test_too_few_cells_are_refused_before_the_call(void)
{
	begin();
	push(10);
	CHECK_EQ(method_call(find("sub"), NULL, &st), E_DEPTH);
	CHECK_EQ(st.depth, 1);
	CHECK_EQ(cells[0], 10);
	fakeplatform_stop();
}

static void test_no_room_for_results_is_refused_before_the_call(void)
{
	begin();
	for (cell_t i = 0; i < 6; i++)
		push(i);
	CHECK_EQ(method_call(find("three"), NULL, &st), E_DEPTH);
	CHECK_EQ(st.depth, 6);
	st.depth = 5;
	CHECK_EQ(method_call(find("three"), NULL, &st), 0);
	CHECK_EQ(st.depth, 8);
	fakeplatform_stop();
}

static void test_after_a_failure_the_arguments_are_gone(void)
{
	begin();
	push(77);
	push(10);
	push(3);
	CHECK_EQ(method_call(find("fail"), NULL, &st), E_IO);
	CHECK_EQ(st.depth, 1);
	fakeplatform_stop();
}

static void test_cells_in_brackets_may_be_missing(void)
{
	begin();
	push(5);
	CHECK_EQ(method_call(find("optional"), NULL, &st), 0);
	CHECK_EQ(st.depth, 1);
	CHECK_EQ(cells[0], 5);
	push(0);
	CHECK_EQ(method_call(find("optional"), NULL, &st), 0);
	CHECK_EQ(st.depth, 1);
	CHECK_EQ(cells[0], 5);
	st.depth = 0;
	CHECK_EQ(method_call(find("optional"), NULL, &st), E_DEPTH);
	fakeplatform_stop();
}

static void test_a_method_without_effect_is_not_checked(void)
{
	begin();
	push(1);
	CHECK_EQ(method_call(find("unknown"), NULL, &st), 0);
	CHECK_EQ(st.depth, 0);
	fakeplatform_stop();
}

static void test_names_are_compared_whole(void)
{
	struct dt_node *node;

	begin();
	CHECK(find("sub") == &methods[0]);
	CHECK(!find("su"));
	CHECK(!find("subx"));
	CHECK(!find(""));
	node = dt_path_find(of_tree(), "/cpus");
	CHECK(method_find(node, "subtract", 3) == &methods[0]);
	CHECK(!method_find(node, "sub\0", 4));
	CHECK(!method_find(of_tree()->root, "sub", 3));
	fakeplatform_stop();
}

static void test_a_nodes_own_method_comes_before_its_classs(void)
{
	static const struct method own = {"sub", "( a -- b )", m_unknown};
	struct dt_node *node;

	begin();
	CHECK(find("sub") == &methods[0]);
	node = dt_path_find(of_tree(), "/cpus");
	of_add_method(node, &own);
	CHECK(find("sub") == &own);
	CHECK(find("three") == &methods[2]);
	fakeplatform_stop();
}

/* ---- instances ---------------------------------------------------------------------------- */

static unsigned opened, closed;
static int open_result;
static char order[64]; /* who was opened, "-" who was closed */

static void add_order(const char *text)
{
	if (strlen(order) + strlen(text) < sizeof(order))
		strcat(order, text);
}

static int t_open(struct instance *in)
{
	if (in->state)
		strcpy(in->state, "state");
	add_order(in->node->name);
	if (open_result)
		return open_result;
	opened++;
	return 0;
}

static void t_close(struct instance *in)
{
	add_order("-");
	add_order(in->node->name);
	closed++;
}

static const struct pkg_class t_class = {.device_type = "block",
					 .state_size = 16,
					 .open = t_open,
					 .close = t_close,
					 .methods = methods};

static int data;

static void begin_instances(void)
{
	begin();
	opened = closed = 0;
	open_result = 0;
	order[0] = 0;
	of_bind(dt_path_find(of_tree(), "/pci/pci"), &t_class, NULL);
	of_bind(dt_path_find(of_tree(), "/pci/pci/scsi"), &t_class, &data);
}

static void test_opening_opens_the_chain_from_the_root(void)
{
	struct instance *in;

	begin_instances();
	CHECK_EQ(instance_open("/pci/pci@1,2:bus/scsi@0:1,\\file", &in), 0);
	CHECK_STR(order, "pci@1,2scsi@0");
	CHECK_STR(in->args, "1,\\file");
	CHECK_STR(in->state, "state");
	CHECK(in->data == &data);
	CHECK_STR(in->parent->args, "bus");
	CHECK_STR(in->parent->parent->args, "");
	CHECK_STR(in->parent->parent->node->name, "pci@800000020000000");
	CHECK(in->parent->parent->parent->node == of_tree()->root);
	CHECK(!in->parent->parent->parent->parent);
	CHECK_EQ(instance_count(), 4);
	CHECK(instance_find(in->ihandle) == in);
	instance_close(in);
	CHECK_STR(order, "pci@1,2scsi@0-scsi@0-pci@1,2");
	CHECK_EQ(instance_count(), 0);
	fakeplatform_stop();
}

static void test_what_cannot_be_opened_leaves_nothing_open(void)
{
	struct instance *in = NULL;

	begin_instances();
	CHECK_EQ(instance_open("/pci/nothing", &in), E_NOENT);
	CHECK_EQ(instance_open("no-alias", &in), E_NOENT);
	CHECK_EQ(instance_open("/vdevice/l-lan", &in), E_UNSUPP);
	open_result = E_TIMEOUT;
	CHECK_EQ(instance_open("/pci/pci/scsi", &in), E_TIMEOUT);
	CHECK(!in);
	CHECK_EQ(instance_count(), 0);
	CHECK_EQ(closed, 0);
	fakeplatform_stop();
}

static void test_opening_without_memory_fails_cleanly(void)
{
	struct instance *in;
	int err = E_NOMEM;

	begin_instances();
	for (int n = 0; n < 100 && err; n++) {
		fakeheap_dry_after = n;
		err = instance_open("/pci/pci/scsi", &in);
		fakeheap_dry_after = -1;
		CHECK(err == 0 || err == E_NOMEM || err == E_NOENT);
		if (err)
			CHECK_EQ(instance_count(), 0);
	}
	CHECK_EQ(err, 0);
	instance_close(in);
	fakeplatform_stop();
}

static void test_an_alias_opens_with_arguments(void)
{
	struct instance *in;
	char path[80];

	begin_instances();
	of_alias("disk", "/pci@800000020000000/pci@1,2/scsi@0");
	CHECK_EQ(instance_open("disk:2", &in), 0);
	CHECK_STR(in->args, "2");
	CHECK_EQ(instance_path(in, false, path, sizeof(path)), 37);
	CHECK_STR(path, "/pci@800000020000000/pci@1,2/scsi@0:2");
	CHECK_EQ(instance_path(in, false, path, 5), 37);
	CHECK_STR(path, "/pci");
	instance_close(in);
	fakeplatform_stop();
}

static void test_interposed_packages_show_when_asked_for(void)
{
	struct instance *in;
	char path[80];

	begin_instances();
	CHECK_EQ(instance_open("/pci/pci/scsi:x", &in), 0);
	in->interposed = true;
	CHECK_EQ(instance_path(in, false, path, sizeof(path)), 28);
	CHECK_STR(path, "/pci@800000020000000/pci@1,2");
	CHECK_EQ(instance_path(in, true, path, sizeof(path)), 38);
	CHECK_STR(path, "/pci@800000020000000/pci@1,2/%scsi@0:x");
	instance_close(in);
	fakeplatform_stop();
}

static void test_the_roots_path_is_a_slash(void)
{
	struct instance *in;
	char path[8];

	begin_instances();
	of_bind(of_tree()->root, &t_class, NULL);
	CHECK_EQ(instance_open("/", &in), 0);
	CHECK_EQ(instance_path(in, false, path, sizeof(path)), 1);
	CHECK_STR(path, "/");
	instance_close(in);
	fakeplatform_stop();
}

static void test_stale_handles_stay_stale_for_long(void)
{
	struct instance *in;
	uint32_t stale;

	begin_instances();
	CHECK_EQ(instance_open("/pci/pci/scsi", &in), 0);
	stale = in->ihandle;
	instance_close(in);
	for (unsigned i = 0; i < 30000; i++) {
		CHECK_EQ(instance_open("/pci/pci/scsi", &in), 0);
		CHECK(in->ihandle != 0 && in->ihandle < 0x80000000u);
		CHECK(in->ihandle != stale);
		CHECK(!instance_find(stale));
		instance_close(in);
	}
	CHECK(!instance_find(0));
	CHECK(!instance_find(UINT32_MAX));
	CHECK(!instance_find(0xdeadbeef));
	fakeplatform_stop();
}

/* The heap is checked by LeakSanitizer; the table by the largest place a handle ever names. */
static void test_a_hundred_thousand_opens_leak_nothing(void)
{
	struct instance *in;
	uint32_t place = 0;

	begin_instances();
	for (unsigned i = 0; i < 100000; i++) {
		CHECK_EQ(instance_open("/pci/pci/scsi:args", &in), 0);
		if ((in->ihandle & 0xfffff) > place)
			place = in->ihandle & 0xfffff;
		instance_close(in);
	}
	CHECK(place < 100);
	CHECK_EQ(opened, 200000);
	CHECK_EQ(closed, 200000);
	CHECK_EQ(instance_count(), 0);
	fakeplatform_stop();
}

static void test_thousands_may_be_open_at_once(void)
{
	static struct instance *in[5000];

	begin_instances();
	for (unsigned i = 0; i < 5000; i++)
		CHECK_EQ(instance_open("/pci/pci/scsi", &in[i]), 0);
	CHECK_EQ(instance_count(), 20000);
	for (unsigned i = 0; i < 5000; i++)
		CHECK(instance_find(in[i]->ihandle) == in[i]);
	for (unsigned i = 0; i < 5000; i++)
		instance_close(in[i * 7 % 5000]);
	CHECK_EQ(instance_count(), 0);
	fakeplatform_stop();
}

static void test_a_deleted_nodes_instances_live_on_without_it(void)
{
	struct dt_node *pci;
	struct instance *in;
	char path[8] = "x";

	begin_instances();
	pci = dt_path_find(of_tree(), "/pci");
	CHECK_EQ(instance_open("/pci/pci/scsi", &in), 0);
	instance_forget_node(pci);
	dt_node_delete(of_tree(), pci);
	CHECK_EQ(closed, 2);
	CHECK(instance_find(in->ihandle) == in);
	CHECK(!in->node && !in->cls && !in->data);
	CHECK_EQ(instance_call(in, "sub", &st), E_STALE);
	CHECK_EQ(instance_path(in, false, path, sizeof(path)), 0);
	CHECK_STR(path, "");
	instance_close(in);
	CHECK_EQ(closed, 2);
	CHECK_EQ(instance_count(), 0);
	fakeplatform_stop();
}

static void test_calling_by_name(void)
{
	struct instance *in;

	begin_instances();
	CHECK_EQ(instance_open("/pci/pci/scsi", &in), 0);
	push(9);
	push(4);
	CHECK_EQ(instance_call(in, "sub", &st), 0);
	CHECK_EQ(cells[0], 5);
	CHECK_EQ(instance_call(in, "no-such", &st), E_NOENT);
	instance_close(in);
	fakeplatform_stop();
}

/* ---- quiesce ------------------------------------------------------------------------------ */

static void note(void *arg)
{
	add_order(arg);
	CHECK_EQ(fakeplatform.quiesces, 0);
}

static void test_quiesce_runs_newest_first_and_once(void)
{
	char a[] = "a", b[] = "b", c[] = "c";

	begin();
	order[0] = 0;
	of_on_quiesce(note, a);
	of_on_quiesce(note, b);
	of_on_quiesce(note, c);
	CHECK(!of_is_quiesced());
	of_quiesce();
	CHECK_STR(order, "cba");
	CHECK(of_is_quiesced());
	CHECK_EQ(fakeplatform.quiesces, 1);
	of_quiesce();
	CHECK_STR(order, "cba");
	CHECK_EQ(fakeplatform.quiesces, 1);
	fakeplatform_stop();
}

static void register_more(void *arg)
{
	of_on_quiesce(note, arg);
}

static void test_an_action_registered_while_quiescing_runs(void)
{
	char a[] = "a";

	begin();
	order[0] = 0;
	of_on_quiesce(register_more, a);
	of_quiesce();
	CHECK_STR(order, "a");
	fakeplatform_stop();
}

static const struct test tests[] = {
	TEST(test_a_method_takes_and_leaves_what_its_effect_says),
	TEST(test_too_few_cells_are_refused_before_the_call),
	TEST(test_no_room_for_results_is_refused_before_the_call),
	TEST(test_after_a_failure_the_arguments_are_gone),
	TEST(test_cells_in_brackets_may_be_missing),
	TEST(test_a_method_without_effect_is_not_checked),
	TEST(test_names_are_compared_whole),
	TEST(test_a_nodes_own_method_comes_before_its_classs),
	TEST(test_opening_opens_the_chain_from_the_root),
	TEST(test_what_cannot_be_opened_leaves_nothing_open),
	TEST(test_opening_without_memory_fails_cleanly),
	TEST(test_an_alias_opens_with_arguments),
	TEST(test_interposed_packages_show_when_asked_for),
	TEST(test_the_roots_path_is_a_slash),
	TEST(test_stale_handles_stay_stale_for_long),
	TEST(test_a_hundred_thousand_opens_leak_nothing),
	TEST(test_thousands_may_be_open_at_once),
	TEST(test_a_deleted_nodes_instances_live_on_without_it),
	TEST(test_calling_by_name),
	TEST(test_quiesce_runs_newest_first_and_once),
	TEST(test_an_action_registered_while_quiescing_runs),
};
TEST_MAIN(tests)
