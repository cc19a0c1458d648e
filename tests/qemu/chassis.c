/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A library to preload into QEMU (and into nothing else) so that its pseries machine accepts PCI Express ports.
 *
 * QEMU's pseries asks every PCI bridge for a property "chassis_nr", which becomes part of the hot-plug connector
 * numbers.  Only "pci-bridge" has it; root ports, switches and PCIe-to-PCI bridges are refused for lack of it and for no other
 * reason.  QEMU exports its object model to loadable modules, so the property can be added from outside: the
 * constructor below queues add_properties(), which QEMU runs once all types are known, and each port type gets an
 * 8-bit "chassis_nr".  Give every bridge of the machine a different one (1..255):
 *
 *     cc -shared -fPIC -O2 -Wall -o chassis.so chassis.c
 *     LD_PRELOAD=$PWD/chassis.so qemu-system-ppc64 ... -device pcie-root-port,id=rp1,chassis=1,chassis_nr=1,hotplug=off
 *
 * QEMU's functions are declared here by hand (they are its module interface) and weakly, so that a shell script wrapped
 * around QEMU survives being preloaded too.
 */
#include <stddef.h>
#include <stdint.h>

#define WEAK __attribute__((weak))

typedef void accessor(void *obj, void *visitor, const char *name, void *opaque, void *errp);
typedef void releaser(void *obj, const char *name, void *opaque);

extern void WEAK register_module_init(void (*fn)(void), int type);
extern void WEAK *object_class_by_name(const char *type_name);
extern void WEAK *object_class_property_add(void *cls, const char *name, const char *type,
					    accessor *get, accessor *set, releaser *release,
					    void *opaque);
extern _Bool WEAK visit_type_uint8(void *visitor, const char *name, uint8_t *value, void *errp);

/* The first kind of module initialisers QEMU runs after the object types are registered. */
enum { INIT_MIGRATION = 0 };

/* The machine allows 255 bridges; a type asked about by "-device X,help" makes a short-lived object more. */
static struct {
	void *obj;
	uint8_t nr;
} kept[1024];

static uint8_t *slot_for(void *obj)
{
	size_t i = 0;

	while (i < sizeof(kept) / sizeof(kept[0]) - 1 && kept[i].obj && kept[i].obj != obj)
		i++;
	kept[i].obj = obj;
	return &kept[i].nr;
}

static void get_nr(void *obj, void *visitor, const char *name, void *opaque, void *errp)
{
	uint8_t nr = *slot_for(obj);

	(void)opaque;
	visit_type_uint8(visitor, name, &nr, errp);
}

static void set_nr(void *obj, void *visitor, const char *name, void *opaque, void *errp)
{
	uint8_t nr;

	(void)opaque;
	if (visit_type_uint8(visitor, name, &nr, errp))
		*slot_for(obj) = nr;
}

static void add_properties(void)
{
	static const char *const types[] = {
		"pcie-root-port",     "ioh3420",         "x3130-upstream",
		"xio3130-downstream", "pcie-pci-bridge", "i82801b11-bridge",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		void *cls = object_class_by_name(types[i]);

		if (cls)
			object_class_property_add(cls, "chassis_nr", "uint8", get_nr, set_nr, NULL,
						  NULL);
	}
}

static void __attribute__((constructor)) chassis_start(void)
{
	if (register_module_init)
		register_module_init(add_properties, INIT_MIGRATION);
}
