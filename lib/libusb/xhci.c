/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The controller (xHCI 4.2): reset, memory, run, ports, and the end. Polled: no interrupt is ever asked
 * for.
 */
#define LOG_TAG "xhci"
#include "xhci-priv.h"

#include "usb/hcd.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"

#define HALT_MS  100u
#define RESET_MS 1000u
#define PORT_MS  500u

#define CAP_PROTOCOL 2u
#define CAPS_MAX     64u

static uint32_t op_read(const struct xhci *x, uint32_t reg)
{
	return pci_read32(&x->usb.bar, x->op + reg);
}

static void op_write(const struct xhci *x, uint32_t reg, uint32_t v)
{
	pci_write32(&x->usb.bar, x->op + reg, v);
}

static void op_write_long(const struct xhci *x, uint32_t reg, uint64_t v)
{
	op_write(x, reg, (uint32_t)v);
	op_write(x, reg + 4, (uint32_t)(v >> 32));
}

static int wait_for(const struct xhci *x, uint32_t reg, uint32_t mask, uint32_t want, uint32_t ms)
{
	return usb_hcd_wait(&x->usb, x->op + reg, mask, want, ms);
}

/* ---- ports ------------------------------------------------------------------------------- */

static bool port_connected(struct usb *usb, unsigned port)
{
	struct xhci *x = xhci_of(usb);
	uint32_t v = x->usb.dead ? 0 : op_read(x, OP_PORT(port));

	if (v == 0xffffffff)
		xhci_kill(x, "is gone");
	return !x->usb.dead && v & PORT_CONNECTED;
}

static int port_reset(struct usb *usb, unsigned port, enum usb_speed *speed)
{
	struct xhci *x = xhci_of(usb);
	uint32_t v = op_read(x, OP_PORT(port));
	int err;

	op_write(x, OP_PORT(port), (v & PORT_KEEP) | PORT_RESET);
	err = wait_for(x, OP_PORT(port), PORT_RESET | PORT_ENABLED, PORT_ENABLED, PORT_MS);
	if (err)
		return err;
	v = op_read(x, OP_PORT(port));
	op_write(x, OP_PORT(port), (v & PORT_KEEP) | PORT_CHANGES);
	if (PORT_SPEED(v) < SPEED_FULL)
		return E_UNSUPP;
	/* faster than SuperSpeed is driven like it */
	*speed = PORT_SPEED(v) < SPEED_SUPER ? (enum usb_speed)PORT_SPEED(v) : SPEED_SUPER;
	return 0;
}

static uint8_t port_number(struct usb *usb, unsigned port)
{
	return xhci_of(usb)->number[port];
}

/* A capability names the ports of one generation of USB, which are counted from 1 (7.2). */
static void number_ports(struct xhci *x, uint32_t at)
{
	uint32_t ports = pci_read32(&x->usb.bar, at + 8);
	unsigned first = ports & 255, n = ports >> 8 & 255;

	for (unsigned i = 0; i < n && first > 0 && first + i <= x->usb.ports; i++)
		x->number[first + i] = (uint8_t)(i + 1);
}

static void read_protocols(struct xhci *x, uint32_t caps)
{
	uint32_t at = CAPS_EXT(caps);

	for (unsigned port = 1; port <= x->usb.ports; port++)
		x->number[port] = (uint8_t)port;
	for (unsigned n = 0; at && n < CAPS_MAX; n++) {
		uint32_t head = pci_read32(&x->usb.bar, at);

		if ((head & 255) == CAP_PROTOCOL)
			number_ports(x, at);
		at = head >> 8 & 255 ? at + (head >> 6 & 0x3fc) : 0;
	}
}

/* All ports get power; where it cannot be switched they have it. */
static void power_ports(struct xhci *x)
{
	for (unsigned port = 1; port <= x->usb.ports; port++) {
		uint32_t v = op_read(x, OP_PORT(port));

		if (!(v & PORT_POWER))
			op_write(x, OP_PORT(port), (v & PORT_KEEP) | PORT_POWER);
	}
}

/* ---- life -------------------------------------------------------------------------------- */

static int reset(struct xhci *x)
{
	int err;

	op_write(x, OP_COMMAND, 0);
	err = wait_for(x, OP_STATUS, STATUS_HALTED, STATUS_HALTED, HALT_MS);
	if (err)
		return err;
	op_write(x, OP_COMMAND, COMMAND_RESET);
	err = wait_for(x, OP_COMMAND, COMMAND_RESET, 0, RESET_MS);
	return err ? err : wait_for(x, OP_STATUS, STATUS_NOT_READY, 0, RESET_MS);
}

/* What the controller is, before anything is asked of it. */
static int read_abilities(struct xhci *x, unsigned *scratch)
{
	uint32_t params = pci_read32(&x->usb.bar, CAP_PARAMS1);
	uint32_t caps = pci_read32(&x->usb.bar, CAP_CAPS);

	if (params == 0xffffffff)
		return E_IO;
	x->op = pci_read32(&x->usb.bar, CAP_LENGTH) & 255;
	x->db = pci_read32(&x->usb.bar, CAP_DOORBELL) & ~3u;
	x->rt = pci_read32(&x->usb.bar, CAP_RUNTIME) & ~31u;
	x->slots = params & 255;
	x->usb.ports = params >> 24;
	x->context = caps & CAPS_64BYTE ? 64 : 32;
	*scratch = SCRATCHPADS(pci_read32(&x->usb.bar, CAP_PARAMS2));
	if (x->slots == 0 || x->op < 0x20 || x->op & 3 || !(op_read(x, OP_PAGES) & 1) ||
	    *scratch > PAGE / 8) {
		log_warn("%s: %u slots, pages %x, %u scratchpads", x->usb.name, x->slots,
			 op_read(x, OP_PAGES), *scratch);
		return E_UNSUPP;
	}
	read_protocols(x, caps);
	return 0;
}

static void free_memory(struct usb *usb)
{
	const struct dma *dma = usb->dma;
	struct xhci *x = xhci_of(usb);

	dma->ops->free(dma->ctx, x->scratch, x->scratch_size, x->scratch_dev);
	dma->ops->free(dma->ctx, x->mem, SHARED, x->mem_dev);
}

/* Pages the controller wants for itself: an array of addresses, and they. */
static int get_scratch(struct xhci *x, unsigned n)
{
	const struct dma *dma = x->usb.dma;

	if (n == 0)
		return 0;
	x->scratch_size = (1 + n) * (size_t)PAGE;
	x->scratch = dma->ops->alloc(dma->ctx, x->scratch_size, &x->scratch_dev);
	if (!x->scratch)
		return E_NOMEM;
	for (unsigned i = 0; i < n; i++)
		put_le64(x->scratch + 8 * i, x->scratch_dev + (1 + i) * PAGE);
	put_le64(x->mem + AT_BASES, x->scratch_dev);
	return 0;
}

static int get_memory(struct xhci *x, unsigned scratch)
{
	const struct dma *dma = x->usb.dma;

	x->mem = dma->ops->alloc(dma->ctx, SHARED, &x->mem_dev);
	if (!x->mem)
		return E_NOMEM;
	put_le64(x->mem + AT_ERST, x->mem_dev + AT_EVENTS);
	put_le32(x->mem + AT_ERST + 8, PAGE / TRB);
	ring_init(&x->commands, x->mem + AT_COMMANDS, x->mem_dev + AT_COMMANDS);
	x->event_cycle = 1;
	return get_scratch(x, scratch);
}

static void write_runtime(const struct xhci *x, uint32_t reg, uint64_t v)
{
	pci_write32(&x->usb.bar, x->rt + reg, (uint32_t)v);
	pci_write32(&x->usb.bar, x->rt + reg + 4, (uint32_t)(v >> 32));
}

static int run(struct xhci *x)
{
	op_write(x, OP_CONFIG, x->slots);
	op_write_long(x, OP_DCBAAP, x->mem_dev + AT_BASES);
	op_write_long(x, OP_CRCR, ring_dequeue(&x->commands));
	pci_write32(&x->usb.bar, x->rt + RT_ERSTSZ, 1);
	write_runtime(x, RT_ERDP, x->mem_dev + AT_EVENTS);
	write_runtime(x, RT_ERSTBA, x->mem_dev + AT_ERST);
	op_write(x, OP_COMMAND, COMMAND_RUN);
	return wait_for(x, OP_STATUS, STATUS_HALTED, 0, HALT_MS);
}

static int bring_up(struct usb *usb)
{
	struct xhci *x = xhci_of(usb);
	unsigned scratch = 0;
	int err = read_abilities(x, &scratch);

	err = err ? err : reset(x);
	err = err ? err : get_memory(x, scratch);
	err = err ? err : run(x);
	if (!err)
		power_ports(x);
	return err;
}

static int halt(struct usb *usb)
{
	struct xhci *x = xhci_of(usb);

	return x->op ? reset(x) : 0;
}

static const struct usb_hcd_ops xhci_ops = {
	.size = sizeof(struct xhci),
	.bring_up = bring_up,
	.halt = halt,
	.free_memory = free_memory,
	.port_connected = port_connected,
	.port_reset = port_reset,
	.port_number = port_number,
	.attach = xhci_attach,
	.detach = xhci_detach,
	.set_packet0 = xhci_set_packet0,
	.configure = xhci_configure,
	.submit = xhci_submit,
	.poll = xhci_poll,
	.cancel = xhci_cancel,
	.reset_pipe = xhci_reset_pipe,
};

int usb_xhci_start(const struct pci_dev *dev, struct usb **usb)
{
	return usb_hcd_start(dev, &xhci_ops, usb);
}
