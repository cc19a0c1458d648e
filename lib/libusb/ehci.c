/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EHCI 1.0: high speed, and slower devices behind high-speed hubs. Here its registers: reset, run, ports, and
 * the end. What moves data is in ehci-queue.c.
 */
#define LOG_TAG "ehci"
#include "ehci-priv.h"

#include "usb/hcd.h"

#include "base/clock.h"
#include "base/err.h"

/* Registers (2) */
#define CAP_LENGTH   0x00u
#define CAP_STRUCT   0x04u
#define OP_COMMAND   0x00u
#define OP_STATUS    0x04u
#define OP_INTERRUPT 0x08u
#define OP_SEGMENT   0x10u
#define OP_PERIODIC  0x14u
#define OP_ASYNC     0x18u
#define OP_CONFIG    0x40u
#define OP_PORT(n)   (0x40u + 4 * (n))

#define COMMAND_RUN      1u
#define COMMAND_RESET    2u
#define COMMAND_PERIODIC 0x10u
#define COMMAND_ASYNC    0x20u
#define COMMAND_EACH     0x10000u /* an interrupt threshold of one microframe */
#define STATUS_HALTED    0x1000u
#define STATUS_SCHEDULES 0xc000u

#define PORT_CONNECTED 1u
#define PORT_ENABLED   4u
#define PORT_CHANGES   0x2au
#define PORT_RESET     0x100u
#define PORT_LINES(v)  ((v) >> 10 & 3)
#define PORT_POWER     0x1000u
#define PORT_OWNER     0x2000u
#define LINES_LOW      1u

#define RESET_MS 250u
#define PORT_US  50000u /* a reset lasts that long, and ends soon after */
#define PORT_MS  10u
#define STOP_MS  50u
#define POWER_US 20000u

static uint32_t op_read(struct usb *usb, uint32_t reg)
{
	return pci_read32(&usb->bar, ehci_of(usb)->op + reg);
}

static void op_write(struct usb *usb, uint32_t reg, uint32_t v)
{
	pci_write32(&usb->bar, ehci_of(usb)->op + reg, v);
}

static int wait_for(struct usb *usb, uint32_t reg, uint32_t mask, uint32_t want, uint32_t ms)
{
	return usb_hcd_wait(usb, ehci_of(usb)->op + reg, mask, want, ms);
}

static void kill(struct usb *usb, const char *why)
{
	usb_hcd_kill(usb, why, op_read(usb, OP_STATUS));
}

void ehci_run(struct classic *c, bool on)
{
	struct usb *usb = &c->usb;
	uint32_t both = on ? COMMAND_PERIODIC | COMMAND_ASYNC : 0;

	if (usb->dead)
		return;
	op_write(usb, OP_COMMAND, COMMAND_EACH | COMMAND_RUN | both);
	if (wait_for(usb, OP_STATUS, STATUS_SCHEDULES, on ? STATUS_SCHEDULES : 0, STOP_MS))
		kill(usb, on ? "does not run" : "does not stop");
}

/* ---- ports ------------------------------------------------------------------------------- */

static bool port_connected(struct usb *usb, unsigned port)
{
	uint32_t v = usb->dead ? 0 : op_read(usb, OP_PORT(port));

	if (v == 0xffffffff)
		kill(usb, "is gone");
	return !usb->dead && v & PORT_CONNECTED && !(v & PORT_OWNER);
}

/* A device that is not for high speed is left to the controller for the others, if there is one. */
static int port_reset(struct usb *usb, unsigned port, enum usb_speed *speed)
{
	uint32_t v = op_read(usb, OP_PORT(port)) & ~(PORT_CHANGES | PORT_ENABLED);
	int err;

	if (PORT_LINES(v) != LINES_LOW) {
		op_write(usb, OP_PORT(port), v | PORT_RESET);
		clock_delay_us(PORT_US);
		op_write(usb, OP_PORT(port), v);
		err = wait_for(usb, OP_PORT(port), PORT_RESET, 0, PORT_MS);
		if (err)
			return err;
	}
	if (op_read(usb, OP_PORT(port)) & PORT_ENABLED) {
		*speed = SPEED_HIGH;
		return 0;
	}
	op_write(usb, OP_PORT(port), v | PORT_OWNER);
	return E_UNSUPP;
}

static void port_disable(struct usb *usb, unsigned port)
{
	uint32_t v = op_read(usb, OP_PORT(port));

	op_write(usb, OP_PORT(port), v & ~(PORT_CHANGES | PORT_ENABLED));
}

/* ---- life -------------------------------------------------------------------------------- */

static int reset(struct usb *usb)
{
	int err;

	op_write(usb, OP_COMMAND, 0);
	err = wait_for(usb, OP_STATUS, STATUS_HALTED, STATUS_HALTED, RESET_MS);
	if (err)
		return err;
	op_write(usb, OP_COMMAND, COMMAND_RESET);
	return wait_for(usb, OP_COMMAND, COMMAND_RESET, 0, RESET_MS);
}

static int halt(struct usb *usb)
{
	return ehci_of(usb)->op ? reset(usb) : 0;
}

static int read_abilities(struct usb *usb)
{
	uint32_t what = pci_read32(&usb->bar, CAP_STRUCT);
	uint32_t op = pci_read32(&usb->bar, CAP_LENGTH) & 255;

	if (what == 0xffffffff)
		return E_IO;
	if (op < 0x10 || op & 3)
		return E_UNSUPP;
	ehci_of(usb)->op = op;
	usb->ports = what & 15;
	return 0;
}

static int bring_up(struct usb *usb)
{
	struct classic *c = classic_of(usb);
	int err = read_abilities(usb);

	err = err ? err : reset(usb);
	err = err ? err : classic_get_memory(c, &ehci_kind);
	if (err)
		return err;
	ehci_fill_memory(c);
	op_write(usb, OP_INTERRUPT, 0);
	op_write(usb, OP_SEGMENT, 0);
	op_write(usb, OP_PERIODIC, (uint32_t)c->mem_dev);
	op_write(usb, OP_ASYNC, c->list[LIST_CONTROL].dev);
	ehci_run(c, true);
	op_write(usb, OP_CONFIG, 1);
	for (unsigned port = 1; port <= usb->ports; port++)
		op_write(usb, OP_PORT(port), PORT_POWER);
	clock_delay_us(POWER_US);
	return usb->dead ? E_IO : 0;
}

static const struct usb_hcd_ops ehci_ops = {
	.size = sizeof(struct ehci),
	.bring_up = bring_up,
	.halt = halt,
	.free_memory = classic_free_memory,
	.port_connected = port_connected,
	.port_reset = port_reset,
	.port_disable = port_disable,
	.port_number = classic_port_number,
	.attach = classic_attach,
	.detach = classic_detach,
	.set_packet0 = classic_set_packet0,
	.configure = classic_configure,
	.submit = ehci_submit,
	.poll = ehci_poll,
	.cancel = ehci_cancel,
	.reset_pipe = ehci_reset_pipe,
};

int usb_ehci_start(const struct pci_dev *dev, struct usb **usb)
{
	return usb_hcd_start(dev, &ehci_ops, usb);
}
