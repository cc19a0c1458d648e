/* SPDX-License-Identifier: BSD-2-Clause */
/* Instances, methods in C and in Forth, devices made by a program. */
#include "test-words.h"

#include "base/err.h"

static const char maker[] =
	"dev /vdevice 1 encode-int \" #address-cells\" property new-device \" adder\" device-name "
	"1000 encode-int \" reg\" property "
	"instance variable sum 5 instance value five instance defer how "
	"instance 10 buffer: room "
	": open sum off true ; : close 1 to five ; : add sum +! sum @ ; : fail d# -77 throw ; "
	": args my-args ; : fives five ; : raise to five ; "
	"finish-device device-end";

static void test_a_device_written_in_forth_opens_and_works(void)
{
	words_start();
	SAYS(maker, "");
	SAYS("\" /vdevice/adder@1000:hello\" open-dev value h h 0<> .", "-1 ");
	SAYS("3 \" add\" h $call-method . 4 \" add\" h $call-method .", "3 7 ");
	SAYS("\" args\" h $call-method type", "hello");
	SAYS("h close-dev", "");
	CHECK(run("\" args\" h $call-method") != 0);
	words_stop();
}

static void test_each_instance_has_its_own_data(void)
{
	words_start();
	SAYS(maker, "");
	SAYS("\" /vdevice/adder\" open-dev value a \" /vdevice/adder\" open-dev value b", "");
	SAYS("1 \" add\" a $call-method . 10 \" add\" b $call-method . 1 \" add\" a $call-method .",
	     "1 10 2 ");
	SAYS("9 \" raise\" a $call-method \" fives\" a $call-method . \" fives\" b $call-method .",
	     "9 5 ");
	SAYS("a close-dev b close-dev", "");
	words_stop();
}

static void test_c_calls_methods_in_forth(void)
{
	struct instance *in;
	cell_t cells[4] = {3};
	struct stack st = {cells, 1, 4};

	words_start();
	SAYS(maker, "");
	CHECK_EQ(instance_open("/vdevice/adder", &in), 0);
	CHECK_EQ(instance_call(in, "add", &st), 0);
	CHECK_EQ(st.depth, 1);
	CHECK_EQ(cells[0], 3);
	CHECK_EQ(instance_call(in, "fail", &st), E_ABORT);
	CHECK_EQ(forth_depth(words_forth()), 0);
	instance_close(in);
	words_stop();
}

static void test_what_a_method_throws_arrives_as_thrown(void)
{
	words_start();
	SAYS(maker, "");
	SAYS("\" /vdevice/adder\" open-dev value h : try \" fail\" h $call-method ; ' try catch .d",
	     "-77 ");
	SAYS("my-self .", "0 ");
	words_stop();
}

static void test_a_failing_open_leaves_no_instance(void)
{
	unsigned before;

	words_start();
	SAYS("dev /cpus : open false ; device-end", "");
	before = instance_count();
	SAYS("\" /cpus\" open-dev .", "0 ");
	SAYS("\" /nothing\" open-dev .", "0 ");
	CHECK_EQ(instance_count(), before);
	words_stop();
}

static void test_methods_in_c_are_called_from_forth(void)
{
	words_start();
	SAYS("\" /vdevice/vty@71000000\" open-dev value h h ihandle>path type",
	     "/vdevice/vty@71000000");
	memcpy(fakeram_bytes(0x5000), "plugh", 5);
	SAYS("5000 5 \" write\" h $call-method .", "plugh5 ");
	FAILS("\" write\" h $call-method",
	      "$call-method: write takes and leaves ( addr len -- actual )");
	FAILS("\" xyzzy\" h $call-method", "$call-method: vty@71000000 has no method xyzzy");
	SAYS("h close-dev", "");
	words_stop();
}

static void test_select_dev_makes_methods_words(void)
{
	words_start();
	memcpy(fakeram_bytes(0x5000), "plugh", 5);
	SAYS("\" /vdevice/vty\" select-dev 5000 5 write . unselect-dev", "plugh5 ");
	SAYS("dev /vdevice/vty device-end", "");
	FAILS("dev /vdevice/vty 5000 5 write", "write: write: no instance; try select-dev");
	words_stop();
}

static void test_find_method_and_call_package(void)
{
	words_start();
	SAYS(maker, "");
	SAYS("\" /vdevice/adder\" open-dev value h", "");
	SAYS("2 \" add\" h ihandle>phandle find-method . h call-package .", "-1 2 ");
	SAYS("\" nope\" h ihandle>phandle find-method .", "0 ");
	words_stop();
}

static void test_a_bus_is_asked_for_properties_and_addresses(void)
{
	words_start();
	FAILS("make-properties", "make-properties: no instance is my-self");
	SAYS("\" /vdevice/vty\" select-dev", "");
	FAILS("assign-addresses",
	      "assign-addresses: the bus has no method assign-package-addresses");
	SAYS("unselect-dev dev /vdevice : open true ; : close ; "
	     ": make-function-properties ihandle>path type space ; "
	     ": assign-package-addresses phandle>path type space ; device-end",
	     "");
	SAYS("\" /vdevice/vty\" select-dev assign-addresses", "/vdevice/vty@71000000 ");
	SAYS("make-properties unselect-dev depth .", "/vdevice/vty@71000000 0 ");
	words_stop();
}

static void test_parents_are_called(void)
{
	words_start();
	SAYS("dev /vdevice : open true ; : close ; : twice 2* ; device-end", "");
	SAYS("dev /vdevice new-device \" kid\" device-name 7 encode-int \" reg\" property : open "
	     "true ; "
	     ": close ; : ask 21 \" twice\" $call-parent ; finish-device device-end",
	     "");
	SAYS("\" /vdevice/kid\" open-dev \" ask\" rot $call-method .", "42 ");
	words_stop();
}

static void test_packages_open_above_my_self(void)
{
	words_start();
	SAYS("dev /packages new-device \" help\" device-name : open true ; : close ; "
	     ": up my-parent ; finish-device device-end",
	     "");
	SAYS("\" /vdevice/vty\" open-dev to my-self \" args\" \" help\" $open-package value p", "");
	SAYS("\" up\" p $call-method my-self = .", "-1 ");
	SAYS("p close-package my-self close-dev my-self .", "0 ");
	words_stop();
}

/* /packages/double doubles what its parent says; /vdevice/store@1 interposes it where its arguments say so. */
static const char doubled[] =
	"dev /packages new-device \" double\" device-name : open my-args nip 3 <> ; : close ; "
	": say \" say\" $call-parent 2* ; finish-device device-end "
	"dev /vdevice 1 encode-int \" #address-cells\" property new-device \" store\" device-name "
	"1 encode-int \" reg\" property "
	": open my-args \" /packages/double\" find-package drop my-args nip 0<> "
	"if interpose else 3drop then true ; : close ; : say 15 ; "
	"1 encode-int \" #address-cells\" property new-device \" kid\" device-name 2 encode-int \" "
	"reg\" property : open true ; : close ; "
	": say \" say\" $call-parent 1+ ; finish-device finish-device device-end ";

static void test_a_package_interposes_another(void)
{
	unsigned before;

	words_start();
	before = instance_count();
	SAYS(doubled, "");
	SAYS("\" /vdevice/store@1:12\" open-dev value h \" say\" h $call-method .", "2a ");
	SAYS("h instance>path type h ihandle>phandle node>path type",
	     "/vdevice/store@1:12/vdevice/store@1");
	SAYS("h close-dev", "");
	SAYS("\" /vdevice/store@1:12/kid@2\" open-dev to h \" say\" h $call-method . h close-dev",
	     "2b ");
	SAYS("\" /vdevice/store@1/kid@2\" open-dev to h \" say\" h $call-method . h close-dev",
	     "16 ");
	CHECK_EQ(instance_count(), before);
	words_stop();
}

static void test_what_cannot_be_interposed_leaves_nothing_open(void)
{
	unsigned before;

	words_start();
	before = instance_count();
	SAYS(doubled, "");
	SAYS("\" /vdevice/store@1:123\" open-dev .", "0 ");
	SAYS("\" /vdevice/store@1:123/kid@2\" open-dev .", "0 ");
	SAYS("\" 12\" \" /vdevice/store@1\" find-package drop open-package .", "0 ");
	CHECK_EQ(instance_count(), before);
	SAYS("\" /vdevice/store@1\" open-dev to my-self", "");
	FAILS("\" \" \" /packages/double\" find-package drop interpose",
	      "interpose: my-self is not being opened");
	FAILS("\" \" 0 interpose", "interpose: 0 is no phandle");
	/* one that interposes itself for ever */
	SAYS("dev /packages new-device \" more\" device-name : open \" \" \" more\" find-package "
	     "drop interpose true ; "
	     ": close ; finish-device device-end",
	     "");
	SAYS("\" /packages/more\" open-dev .", "0 ");
	CHECK_EQ(instance_count(), before + 3); /* root, vdevice, store */
	words_stop();
}

static void test_what_is_in_use_is_not_closed(void)
{
	words_start();
	SAYS("dev /vdevice : open true ; : close ; device-end dev /vdevice 1 encode-int \" "
	     "#address-cells\" "
	     "property new-device \" me\" device-name 1 encode-int \" reg\" property "
	     ": open ['] my-self catch drop ['] close-dev catch ; : close my-self close-dev ; "
	     "finish-device device-end",
	     "");
	SAYS("\" /vdevice/me\" open-dev value h h 0<> .", "-1 ");
	SAYS("\" /vdevice/vty\" open-dev to my-self \" \" \" /vdevice/me\" $open-package value p",
	     "");
	SAYS("my-self close-dev p close-package h close-dev", "");
	words_stop();
}

static void test_apply_opens_calls_and_closes(void)
{
	unsigned before;

	words_start();
	SAYS(maker, "");
	before = instance_count();
	SAYS("9 apply add /vdevice/adder .", "9 ");
	CHECK_EQ(run("apply fail /vdevice/adder"), -77);
	FAILS("apply nope /vdevice/adder", "apply: adder@1000 has no method nope");
	SAYS("9 \" /vdevice/adder\" \" add\" execute-device-method . .", "-1 9 ");
	CHECK_EQ(instance_count(), before);
	words_stop();
}

static void test_begin_package_makes_a_device(void)
{
	words_start();
	SAYS("\" \" \" 71000099\" \" /vdevice/vty\" begin-package \" thing\" device-name "
	     "end-package",
	     "");
	CHECK(dt_path_find(of_tree(), "/vdevice/vty/thing@71000099"));
	words_stop();
}

static void test_new_devices_get_their_units(void)
{
	words_start();
	SAYS("dev /pci@800000020000000 3 encode-int \" #address-cells\" property new-device "
	     "\" card\" device-name 0 0 1a00 0 reg finish-device pwd",
	     "/pci@800000020000000\r\n");
	CHECK(dt_path_find(of_tree(), "/pci@800000020000000/card@3,2"));
	FAILS("finish-device", "finish-device: pci@800000020000000 is not a new device");
	words_stop();
}

static void test_stale_handles_are_told(void)
{
	words_start();
	FAILS("0 close-dev", "close-dev: 0 is no ihandle");
	FAILS("123456789 ihandle>phandle", "ihandle>phandle: 123456789 is no ihandle");
	FAILS("my-args", "my-args: my-self is no instance");
	words_stop();
}

static void test_a_device_in_the_making_has_an_instance(void)
{
	words_start();
	SAYS("\" a b\" \" 71000099\" \" /vdevice/vty\" begin-package \" thing\" device-name "
	     "my-self ihandle>phandle get-node = . my-args type my-parent ihandle>path type",
	     "-1 a b/vdevice/vty@71000000");
	SAYS("new-device my-self ihandle>phandle get-node = . my-parent ihandle>phandle node>path "
	     "type",
	     "-1 /vdevice/vty@71000000/thing");
	SAYS("\" inner\" device-name finish-device my-self ihandle>phandle get-node = .", "-1 ");
	SAYS("end-package my-self .", "0 ");
	words_stop();
}

static void test_fcode_of_a_device_has_an_instance_and_its_parents(void)
{
	/* my-self ihandle>phandle my-parent ihandle>phandle */
	static const uint8_t program[] = {0xf1, 8,    0,    0,    0,    0,    0,    17, 0x02,
					  0x03, 0x02, 0x0b, 0x02, 0x0a, 0x02, 0x0b, 0};
	struct dt_node *node;
	unsigned before;

	words_start();
	memcpy(fakeram_bytes(0x100000), program, sizeof(program));
	SAYS("dev /vdevice/vty new-device \" kid\" device-name finish-device device-end", "");
	node = dt_path_find(of_tree(), "/vdevice/vty/kid");
	before = instance_count();
	CHECK_EQ(words_probe_fcode(node, 0x100000), 0);
	CHECK_EQ(forth_depth(words_forth()), 2);
	CHECK_EQ(forth_peek(words_forth(), 1), node->phandle);
	CHECK_EQ(forth_peek(words_forth(), 0), node->parent->phandle);
	CHECK_EQ(instance_count(), before);
	SAYS("my-self . get-node .", "0 0 ");
	words_stop();
}

static void test_fcode_that_begins_a_device_and_stops_leaves_nothing_open(void)
{
	static const uint8_t program[] = {0xf1, 8, 0, 0, 0, 0, 0, 12, 0x01, 0x1f, 0xf0, 0xff};
	unsigned before;

	words_start();
	memcpy(fakeram_bytes(0x100000), program, sizeof(program));
	before = instance_count();
	CHECK(words_probe_fcode(dt_path_find(of_tree(), "/vdevice/vty"), 0x100000) != 0);
	forth_reset(words_forth());
	CHECK_EQ(instance_count(), before);
	SAYS("my-self . get-node .", "0 0 ");
	words_stop();
}

static const struct test tests[] = {
	TEST(test_a_device_written_in_forth_opens_and_works),
	TEST(test_each_instance_has_its_own_data),
	TEST(test_c_calls_methods_in_forth),
	TEST(test_what_a_method_throws_arrives_as_thrown),
	TEST(test_a_failing_open_leaves_no_instance),
	TEST(test_methods_in_c_are_called_from_forth),
	TEST(test_select_dev_makes_methods_words),
	TEST(test_find_method_and_call_package),
	TEST(test_a_bus_is_asked_for_properties_and_addresses),
	TEST(test_parents_are_called),
	TEST(test_packages_open_above_my_self),
	TEST(test_a_package_interposes_another),
	TEST(test_what_cannot_be_interposed_leaves_nothing_open),
	TEST(test_what_is_in_use_is_not_closed),
	TEST(test_apply_opens_calls_and_closes),
	TEST(test_begin_package_makes_a_device),
	TEST(test_new_devices_get_their_units),
	TEST(test_stale_handles_are_told),
	TEST(test_a_device_in_the_making_has_an_instance),
	TEST(test_fcode_of_a_device_has_an_instance_and_its_parents),
	TEST(test_fcode_that_begins_a_device_and_stops_leaves_nothing_open),
};
TEST_MAIN(tests)
