/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of functions: the generic name of a class code and the compatible list. The table follows
 * QEMU's, which names the nodes it makes and writes its boot list with the same; a name that differs
 * is a boot path that does not resolve.
 */
#include "pci-priv.h"

#include "base/strbuf.h"
#include "dt/cells.h"

#define ANY_IFACE 0x100u

struct class_name {
	uint8_t base, sub;
	uint16_t iface; /* or ANY_IFACE */
	const char *name;
};

/* clang-format off */
static const struct class_name names[] = {
	{0x00, 0x01, ANY_IFACE, "display"},
	{0x01, 0x00, ANY_IFACE, "scsi"}, {0x01, 0x01, ANY_IFACE, "ide"},
	{0x01, 0x02, ANY_IFACE, "fdc"}, {0x01, 0x03, ANY_IFACE, "ipi"},
	{0x01, 0x04, ANY_IFACE, "raid"}, {0x01, 0x05, ANY_IFACE, "ata"},
	{0x01, 0x06, ANY_IFACE, "sata"}, {0x01, 0x07, ANY_IFACE, "sas"},
	{0x02, 0x00, ANY_IFACE, "ethernet"}, {0x02, 0x01, ANY_IFACE, "token-ring"},
	{0x02, 0x02, ANY_IFACE, "fddi"}, {0x02, 0x03, ANY_IFACE, "atm"},
	{0x02, 0x04, ANY_IFACE, "isdn"}, {0x02, 0x05, ANY_IFACE, "worldfip"},
	{0x02, 0x06, ANY_IFACE, "picmg"},
	{0x03, 0x00, ANY_IFACE, "vga"}, {0x03, 0x01, ANY_IFACE, "xga"},
	{0x03, 0x02, ANY_IFACE, "3d-controller"},
	{0x04, 0x00, ANY_IFACE, "video"}, {0x04, 0x01, ANY_IFACE, "sound"},
	{0x04, 0x02, ANY_IFACE, "telephony"},
	{0x05, 0x00, ANY_IFACE, "memory"}, {0x05, 0x01, ANY_IFACE, "flash"},
	{0x06, 0x00, ANY_IFACE, "host"}, {0x06, 0x01, ANY_IFACE, "isa"},
	{0x06, 0x02, ANY_IFACE, "eisa"}, {0x06, 0x03, ANY_IFACE, "mca"},
	{0x06, 0x04, ANY_IFACE, "pci"}, {0x06, 0x05, ANY_IFACE, "pcmcia"},
	{0x06, 0x06, ANY_IFACE, "nubus"}, {0x06, 0x07, ANY_IFACE, "cardbus"},
	{0x06, 0x08, ANY_IFACE, "raceway"}, {0x06, 0x09, ANY_IFACE, "semi-transparent-pci"},
	{0x06, 0x0a, ANY_IFACE, "infiniband"},
	{0x07, 0x00, ANY_IFACE, "serial"}, {0x07, 0x01, ANY_IFACE, "parallel"},
	{0x07, 0x02, ANY_IFACE, "multiport-serial"}, {0x07, 0x03, ANY_IFACE, "modem"},
	{0x07, 0x04, ANY_IFACE, "gpib"}, {0x07, 0x05, ANY_IFACE, "smart-card"},
	{0x08, 0x00, 0x10, "io-apic"}, {0x08, 0x00, 0x20, "io-xapic"},
	{0x08, 0x00, ANY_IFACE, "interrupt-controller"}, {0x08, 0x01, ANY_IFACE, "dma-controller"},
	{0x08, 0x02, ANY_IFACE, "timer"}, {0x08, 0x03, ANY_IFACE, "rtc"},
	{0x08, 0x04, ANY_IFACE, "hot-plug-controller"},
	{0x08, 0x05, ANY_IFACE, "sd-host-controller"},
	{0x09, 0x00, ANY_IFACE, "keyboard"}, {0x09, 0x01, ANY_IFACE, "pen"},
	{0x09, 0x02, ANY_IFACE, "mouse"}, {0x09, 0x03, ANY_IFACE, "scanner"},
	{0x09, 0x04, ANY_IFACE, "gameport"},
	{0x0a, 0x00, ANY_IFACE, "dock"},
	{0x0b, 0x02, ANY_IFACE, "pentium"}, {0x0b, 0x20, ANY_IFACE, "powerpc"},
	{0x0b, 0x30, ANY_IFACE, "mips"}, {0x0b, 0x40, ANY_IFACE, "co-processor"},
	{0x0c, 0x00, ANY_IFACE, "firewire"}, {0x0c, 0x01, ANY_IFACE, "access-bus"},
	{0x0c, 0x02, ANY_IFACE, "ssa"}, {0x0c, 0x03, 0x00, "usb-uhci"},
	{0x0c, 0x03, 0x10, "usb-ohci"}, {0x0c, 0x03, 0x20, "usb-ehci"},
	{0x0c, 0x03, 0x30, "usb-xhci"}, {0x0c, 0x03, 0x80, "usb-unknown"},
	{0x0c, 0x03, 0xfe, "usb-device"}, {0x0c, 0x03, ANY_IFACE, "usb"},
	{0x0c, 0x04, ANY_IFACE, "fibre-channel"}, {0x0c, 0x05, ANY_IFACE, "smb"},
	{0x0c, 0x06, ANY_IFACE, "infiniband"}, {0x0c, 0x07, ANY_IFACE, "ipmi"},
	{0x0c, 0x08, ANY_IFACE, "sercos"}, {0x0c, 0x09, ANY_IFACE, "canbus"},
	{0x0d, 0x00, ANY_IFACE, "irda"}, {0x0d, 0x01, ANY_IFACE, "consumer-ir"},
	{0x0d, 0x10, ANY_IFACE, "rf-controller"}, {0x0d, 0x11, ANY_IFACE, "bluetooth"},
	{0x0d, 0x20, ANY_IFACE, "broadband"},
	{0x0f, 0x00, ANY_IFACE, "satellite-tv"}, {0x0f, 0x01, ANY_IFACE, "satellite-audio"},
	{0x0f, 0x03, ANY_IFACE, "satellite-voice"}, {0x0f, 0x04, ANY_IFACE, "satellite-data"},
	{0x10, 0x00, ANY_IFACE, "network-encryption"},
	{0x10, 0x01, ANY_IFACE, "entertainment-encryption"},
	{0x11, 0x00, ANY_IFACE, "dpio"}, {0x11, 0x01, ANY_IFACE, "counter"},
	{0x11, 0x10, ANY_IFACE, "measurement"}, {0x11, 0x20, ANY_IFACE, "management-card"},
};

/* What an unlisted subclass of a base class is called. */
static const char *const base_names[] = {
	"legacy-device", "mass-storage", "network", "display", "multimedia-device",
	"memory-controller", "unknown-bridge", "communication-controller", "system-peripheral",
	"input-controller", "docking-station", "cpu", "serial-bus", "wireless-controller",
	"intelligent-io", "satellite-device", "encryption", "data-processing-controller",
};
/* clang-format on */

const char *pci_class_name(uint32_t class_code)
{
	uint32_t base = class_code >> 16 & 0xff, sub = class_code >> 8 & 0xff;
	uint32_t iface = class_code & 0xff;

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].base == base && names[i].sub == sub &&
		    (names[i].iface == iface || names[i].iface == ANY_IFACE))
			return names[i].name;
	return base < ARRAY_SIZE(base_names) ? base_names[base] : "pci";
}

/* "pci1af4,1000.1af4.1.0": the first two of these numbers, then as many of the others as there are. */
static void add_ids(struct dt_cells *out, const unsigned *id, unsigned n)
{
	char text[40];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	for (unsigned i = 0; i < n; i++) {
		strbuf_str(&sb, i == 0 ? "pci" : i == 1 ? "," : ".");
		strbuf_hex(&sb, id[i]);
	}
	dt_cells_str(out, text);
}

/* "pciclass,0200": digits are not left out at the front. */
static void add_class(struct dt_cells *out, uint32_t class_code, unsigned digits)
{
	char text[40];
	struct strbuf sb = strbuf_on(text, sizeof(text));

	strbuf_str(&sb, "pciclass,");
	while (digits--)
		strbuf_hex(&sb, class_code >> 4 * digits & 15);
	dt_cells_str(out, text);
}

/* Binding 2.1, "compatible": from the most to the least special. */
void pci_compatible(const struct pci_fn *fn, struct dt_cells *out)
{
	unsigned rev = fn->class_rev & 0xff, cls = fn->class_rev >> 8;
	const unsigned full[] = {fn->vendor, fn->device, fn->subvendor, fn->subsystem, rev};
	const unsigned plain[] = {fn->vendor, fn->device, rev};

	if (fn->subvendor || fn->subsystem) {
		add_ids(out, full, 5);
		add_ids(out, full, 4);
		add_ids(out, &full[2], 2);
	}
	add_ids(out, plain, 3);
	add_ids(out, plain, 2);
	add_class(out, cls, 6);
	add_class(out, cls >> 8, 4);
}

/* ---- for people ---- */

struct id_name {
	uint16_t vendor, device;
	const char *name;
};

/* clang-format off */
static const struct id_name devices[] = {
	{0x1af4, 0x1000, "virtio-net-pci"}, {0x1af4, 0x1001, "virtio-blk-pci"},
	{0x1af4, 0x1002, "virtio-balloon-pci"}, {0x1af4, 0x1003, "virtio-serial-pci"},
	{0x1af4, 0x1004, "virtio-scsi-pci"}, {0x1af4, 0x1005, "virtio-rng-pci"},
	{0x1af4, 0x1009, "virtio-9p-pci"}, {0x1af4, 0x1012, "vhost-vsock-pci"},
	{0x1af4, 0x1041, "virtio-net-pci"}, {0x1af4, 0x1042, "virtio-blk-pci"},
	{0x1af4, 0x1043, "virtio-serial-pci"}, {0x1af4, 0x1044, "virtio-rng-pci"},
	{0x1af4, 0x1045, "virtio-balloon-pci"}, {0x1af4, 0x1048, "virtio-scsi-pci"},
	{0x1af4, 0x1049, "virtio-9p-pci"}, {0x1af4, 0x1050, "virtio-gpu-pci"},
	{0x1af4, 0x1052, "virtio-keyboard-pci or such"}, {0x1af4, 0x1053, "vhost-vsock-pci"},
	{0x1af4, 0x1054, "virtio-crypto-pci"}, {0x1af4, 0x105a, "vhost-user-fs-pci"},
	{0x1af4, 0x1110, "ivshmem-plain"},
	{0x1b36, 0x0001, "pci-bridge"}, {0x1b36, 0x0002, "pci-serial"},
	{0x1b36, 0x0005, "pci-testdev"}, {0x1b36, 0x0007, "sdhci-pci"},
	{0x1b36, 0x000c, "pcie-root-port"}, {0x1b36, 0x000d, "qemu-xhci"},
	{0x1b36, 0x000e, "pcie-pci-bridge"}, {0x1b36, 0x0010, "nvme"},
	{0x1b36, 0x0100, "qxl"}, {0x1234, 0x1111, "VGA"}, {0x1234, 0x11e8, "edu"},
	{0x8086, 0x100e, "e1000"}, {0x8086, 0x10d3, "e1000e"}, {0x8086, 0x10c9, "igb"},
	{0x8086, 0x1209, "i82559er"}, {0x8086, 0x2922, "ich9-ahci"},
	{0x8086, 0x2934, "ich9-usb-uhci1"}, {0x8086, 0x293a, "ich9-usb-ehci1"},
	{0x8086, 0x24cd, "usb-ehci"}, {0x8086, 0x7020, "piix3-usb-uhci"},
	{0x8086, 0x3420, "ioh3420"}, {0x8086, 0x2415, "AC97"}, {0x8086, 0x2668, "intel-hda"},
	{0x8086, 0x293e, "ich9-intel-hda"}, {0x8086, 0x5845, "nvme"}, {0x8086, 0x25ab, "i6300esb"},
	{0x104c, 0x8232, "x3130-upstream"}, {0x104c, 0x8233, "xio3130-downstream"},
	{0x1000, 0x0012, "lsi53c895a"}, {0x1000, 0x0054, "mptsas1068"},
	{0x1000, 0x0060, "megasas"}, {0x1000, 0x005b, "megasas-gen2"},
	{0x1022, 0x2000, "pcnet"}, {0x1022, 0x2020, "am53c974"},
	{0x10ec, 0x8139, "rtl8139"}, {0x10ec, 0x8029, "ne2k_pci"},
	{0x15ad, 0x07b0, "vmxnet3"}, {0x15ad, 0x07c0, "pvscsi"},
	{0x1033, 0x0194, "nec-usb-xhci"}, {0x106b, 0x003f, "pci-ohci"},
	{0x1011, 0x0019, "tulip"}, {0x1011, 0x0026, "dec-21154-p2p-bridge"},
	{0x1274, 0x5000, "ES1370"}, {0x1095, 0x3112, "sii3112"},
};

static const struct { uint16_t id; const char *name; } caps[] = {
	{0x01, "power management"}, {0x03, "vital product data"}, {0x04, "slot number"}, {0x05, "MSI"},
	{0x08, "HyperTransport"}, {0x09, "vendor's"}, {0x0a, "debug port"}, {0x0c, "standard hot-plug"},
	{0x0d, "subsystem ids"}, {0x10, "PCI Express"}, {0x11, "MSI-X"}, {0x12, "SATA"},
	{0x13, "advanced features"}, {0x14, "enhanced allocation"},
}, ext_caps[] = {
	{0x01, "AER"}, {0x02, "virtual channels"}, {0x03, "serial number"},
	{0x04, "power budget"}, {0x09, "virtual channels"}, {0x0b, "vendor's"},
	{0x0d, "access control"}, {0x0e, "alternative routing ids"}, {0x0f, "address translation"},
	{0x10, "single-root I/O virtualization"}, {0x13, "page requests"}, {0x15, "resizable BARs"},
	{0x16, "dynamic power"}, {0x17, "TPH requester"}, {0x18, "latency tolerance"},
	{0x19, "secondary PCI Express"}, {0x1b, "process address spaces"}, {0x1d, "port containment"},
	{0x1e, "L1 substates"}, {0x1f, "precision time"}, {0x23, "designated vendor's"},
	{0x25, "data link features"}, {0x26, "16 GT/s"}, {0x27, "lane margining"},
};
/* clang-format on */

const char *pci_qemu_name(const struct pci_fn *fn)
{
	for (unsigned i = 0; i < ARRAY_SIZE(devices); i++)
		if (devices[i].vendor == fn->vendor && devices[i].device == fn->device)
			return devices[i].name;
	return "";
}

const char *pci_cap_name(uint16_t id, bool extended)
{
	for (unsigned i = 0; !extended && i < ARRAY_SIZE(caps); i++)
		if (caps[i].id == id)
			return caps[i].name;
	for (unsigned i = 0; extended && i < ARRAY_SIZE(ext_caps); i++)
		if (ext_caps[i].id == id)
			return ext_caps[i].name;
	return NULL;
}
