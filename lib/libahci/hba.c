/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The controller: reset, which ports there are, who uses it (AHCI 10.1.2, 10.4.3). It runs while one of
 * its ports is used.
 */
#define LOG_TAG "ahci"
#include "ahci-priv.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#define RESET_MS 1000u
#define LINK_MS  1000u

int ahci_new(const struct pci_dev *dev, struct ahci **out)
{
	struct ahci *a = try_alloc(sizeof(*a));

	if (!a)
		return E_NOMEM;
	a->dev = dev;
	for (unsigned i = 0; i < ARRAY_SIZE(a->port); i++)
		a->port[i].number = i;
	*out = a;
	return 0;
}

static int reset(struct ahci *a)
{
	struct wait w = wait_ms(RESET_MS);
	uint32_t cap;

	pci_write32(&a->bar, HBA_GHC, GHC_ENABLE);
	pci_write32(&a->bar, HBA_GHC, GHC_ENABLE | GHC_RESET);
	while (pci_read32(&a->bar, HBA_GHC) & GHC_RESET)
		if (!wait_more(&w))
			return E_TIMEOUT;
	pci_write32(&a->bar, HBA_GHC, GHC_ENABLE);
	a->ports = pci_read32(&a->bar, HBA_PORTS);
	cap = pci_read32(&a->bar, HBA_CAP);
	a->slots = !(cap & CAP_QUEUES) ? 1 : CAP_SLOTS(cap) < SLOTS ? CAP_SLOTS(cap) : SLOTS;
	return a->ports == 0xffffffff ? E_IO : 0;
}

/* After a reset links come up by themselves; what has none by then has no drive. */
static bool links_settled(const struct ahci *a)
{
	for (unsigned i = 0; i < ARRAY_SIZE(a->port); i++)
		if (a->ports >> i & 1) {
			uint32_t det = SSTS_DET(port_read(a, i, PORT_SSTS));

			if (det != 0 && det != DET_READY && det != 4)
				return false;
		}
	return true;
}

void ahci_cut_off(struct ahci *a)
{
	pci_dev_disable(a->dev);
	a->dead = true;
}

static void stop(struct ahci *a)
{
	if (!a->dead)
		pci_write32(&a->bar, HBA_GHC, GHC_ENABLE | GHC_RESET);
	pci_dev_disable(a->dev);
}

static int start(struct ahci *a)
{
	struct wait w = wait_ms(LINK_MS);
	int err;

	a->dma = a->dev->dma;
	if (!a->dma)
		return E_UNSUPP;
	err = pci_dev_bar(a->dev, 5, &a->bar);
	if (err)
		return err;
	pci_dev_enable(a->dev);
	a->dead = false;
	err = reset(a);
	if (err) {
		log_warn("%s: does not reset: %s", a->dev->node->name, err_text(err));
		pci_dev_disable(a->dev);
		return err;
	}
	while (!links_settled(a) && wait_more(&w))
		;
	return 0;
}

static int controller_get(struct ahci *a)
{
	int err = a->users ? 0 : start(a);

	if (!err)
		a->users++;
	return err;
}

static void controller_put(struct ahci *a)
{
	if (--a->users == 0)
		stop(a);
}

static int port_get(struct ahci *a, unsigned port)
{
	struct ahci_port *p = &a->port[port];
	int err = 0;

	if (a->dead)
		return E_IO;
	if (!port_has_drive(a, port))
		return E_NOENT;
	if (p->users == 0)
		err = port_start(a, p);
	if (!err)
		p->users++;
	return err;
}

static void port_put(struct ahci *a, unsigned port)
{
	if (--a->port[port].users == 0)
		port_stop(a, &a->port[port]);
}

int ahci_get(struct ahci *a, unsigned port)
{
	int err = controller_get(a);

	if (err)
		return err;
	err = port < ARRAY_SIZE(a->port) ? port_get(a, port) : E_NOENT;
	if (err)
		controller_put(a);
	return err;
}

void ahci_put(struct ahci *a, unsigned port)
{
	port_put(a, port);
	controller_put(a);
}

void ahci_free(struct ahci *a)
{
	if (a && a->users)
		stop(a);
	heap_free(a);
}

/* What a drive is it says once its port runs. */
static bool is_atapi(struct ahci *a, unsigned port)
{
	bool atapi;

	if (port_get(a, port))
		return false;
	atapi = port_read(a, port, PORT_SIG) == SIG_ATAPI;
	port_put(a, port);
	return atapi;
}

static int find_drive(struct ahci *a, unsigned port, unsigned *found)
{
	while (!a->dead && port < ARRAY_SIZE(a->port) && !port_has_drive(a, port))
		port++;
	if (a->dead)
		return E_IO;
	*found = port;
	return port < ARRAY_SIZE(a->port) ? 0 : E_NOENT;
}

int ahci_next_drive(struct ahci *a, unsigned port, unsigned *next, bool *is_cdrom)
{
	unsigned found;
	int err = controller_get(a);

	if (err)
		return err;
	err = find_drive(a, port, &found);
	if (!err) {
		*next = found;
		*is_cdrom = is_atapi(a, found);
	}
	controller_put(a);
	return err;
}

int ahci_open(struct ahci *a, unsigned port, struct blkdev **bd)
{
	int err = ahci_get(a, port);
	uint32_t sig;

	if (err)
		return err;
	sig = port_read(a, port, PORT_SIG);
	if (sig == SIG_DISK)
		err = ata_disk_open(a, port, bd);
	else if (sig == SIG_ATAPI)
		err = atapi_open(a, port, bd);
	else
		err = E_UNSUPP;
	if (err == E_UNSUPP)
		log_warn("%s: port %u: signature %08x: no disk or CD-ROM", a->dev->node->name, port,
			 sig);
	if (err)
		ahci_put(a, port);
	return err;
}
