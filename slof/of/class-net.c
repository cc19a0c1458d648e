/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The package of a network interface. A device runs while somebody has it open, because a stopped one
 * neither writes to memory nor keeps anybody awake; boot loaders with protocols of their own (GRUB) move raw
 * frames by read and write. Any number may be open at once. After quiesce, or when the device is gone, its
 * instances stay and every access fails.
 */
#define LOG_TAG "net"
#include "net-priv.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/random.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/machine.h"
#include "of/memory.h"

#include "of-priv.h"

#define FAILED  ((cell_t)-1)
#define NOTHING ((cell_t)-2) /* no frame waits */
#define SEND_MS 100u

static struct nic *nics, **last_nic = &nics;

/* ---- start and stop --------------------------------------------------------------------- */

static void stop(struct nic *nic)
{
	if (nic->nd)
		nic->nd->ops->stop(nic->nd);
	nic->nd = NULL;
}

static void quiesce(void *arg)
{
	stop(arg);
}

static void set_properties(const struct nic *nic)
{
	const struct netdev *nd = nic->nd;

	if (!dt_prop_find(nic->node, "local-mac-address"))
		dt_prop_set(nic->node, "local-mac-address", nd->mac, sizeof(nd->mac));
	dt_prop_set(nic->node, "mac-address", nd->mac, sizeof(nd->mac));
	dt_prop_set_u32(nic->node, "max-frame-size", nd->max_frame);
}

/* When devices are started, and what they are called, no two machines have quite in common. */
static void stir(const struct netdev *nd)
{
	uint64_t now = clock_us();

	random_stir(&now, sizeof(now));
	random_stir(nd->mac, sizeof(nd->mac));
}

static int start(struct nic *nic)
{
	int err = nic->source.start(nic->source.ctx, &nic->nd);

	if (err) {
		nic->nd = NULL;
		log_warn("%s: %s does not start: %s", nic->name, nic->source.driver, err_text(err));
		return err;
	}
	if (!nic->on_quiesce)
		of_on_quiesce(quiesce, nic);
	nic->on_quiesce = true;
	nic->looked = true;
	set_properties(nic);
	stir(nic->nd);
	return 0;
}

int nic_open(struct nic *nic)
{
	int err = 0;

	if (!nic->nd)
		err = of_is_quiesced() ? E_PERM : nic->node ? start(nic) : E_STALE;
	if (!err)
		nic->open++;
	return err;
}

void nic_close(struct nic *nic)
{
	assert(nic->open > 0);
	if (--nic->open == 0)
		stop(nic);
}

/* ---- methods ---------------------------------------------------------------------------- */

static int net_open(struct instance *in)
{
	return nic_open(in->data);
}

static void net_close(struct instance *in)
{
	nic_close(in->data);
}

static int m_read(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t len = arg_pop(st), addr = arg_pop(st);
	struct nic *nic = in ? in->data : NULL;
	void *buf = mem_pointer(addr, len);
	size_t got = 0;

	if (!nic)
		return E_INVAL;
	if (!buf)
		return E_RANGE;
	if (nic->nd && !nic->taken)
		got = nic->nd->ops->receive(nic->nd, buf, len);
	arg_push(st, got ? got : nic->nd ? NOTHING : FAILED);
	return 0;
}

static int send(struct nic *nic, const void *frame, size_t len)
{
	struct wait w = wait_ms(SEND_MS);
	int err;

	if (!nic->nd || nic->taken || len < 14 || len > NETDEV_FRAME_MAX)
		return E_INVAL;
	while ((err = nic->nd->ops->send(nic->nd, frame, len)) == E_BUSY)
		if (!wait_more(&w))
			break;
	return err;
}

static int m_write(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t len = arg_pop(st), addr = arg_pop(st);
	struct nic *nic = in ? in->data : NULL;
	const void *frame = mem_pointer(addr, len);

	if (!nic)
		return E_INVAL;
	if (!frame)
		return E_RANGE;
	arg_push(st, send(nic, frame, len) ? FAILED : len);
	return 0;
}

static int m_load(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	uint64_t addr = arg_pop(st), size = 0;
	int err = in ? nic_load(in->data, in->args, addr, &size) : E_INVAL;

	if (!err)
		arg_push(st, size);
	return err;
}

/* It was started when it was opened; 1: no carrier. */
static int m_selftest(struct instance *in, struct stack *st, const struct method *self UNUSED)
{
	const struct nic *nic = in ? in->data : NULL;
	bool link = nic && nic->nd && nic->nd->ops->link_up(nic->nd);

	if (!link)
		log_warn("%s: selftest: no carrier", nic ? nic->name : "network");
	arg_push(st, link ? 0 : 1);
	return 0;
}

static const struct method net_methods[] = {
	{"read", "( addr len -- actual )", m_read},
	{"write", "( addr len -- actual )", m_write},
	{"load", "( addr -- size )", m_load},
	{"selftest", "( -- 0|code )", m_selftest},
	{NULL, NULL, NULL},
};

/* Boot loaders look for the address before they open anything. */
static void net_refresh(struct dt_node *node)
{
	struct nic *nic = of_data(node);

	if (nic->looked || of_is_quiesced() || dt_prop_find(node, "local-mac-address"))
		return;
	nic->looked = true; /* once */
	if (!nic_open(nic))
		nic_close(nic);
}

static const struct pkg_class class_net = {
	.device_type = "network",
	.open = net_open,
	.close = net_close,
	.methods = net_methods,
	.refresh = net_refresh,
};

/* ---- binding ---------------------------------------------------------------------------- */

void of_bind_net(struct dt_node *node, const struct net_source *source)
{
	struct nic *nic = xalloc(sizeof(*nic));
	size_t len = dt_path_of(node, NULL, 0);

	nic->source = *source;
	nic->node = node;
	nic->name = xalloc(len + 1);
	dt_path_of(node, nic->name, len + 1);
	*last_nic = nic;
	last_nic = &nic->next;
	of_bind(node, &class_net, nic);
	dt_prop_set_u32(node, "address-bits", 48);
	dt_prop_set_u32(node, "max-frame-size", NETDEV_MTU + 14);
	of_alias("net", nic->name);
}

struct nic *nic_of(const struct dt_node *node)
{
	return of_class(node) == &class_net ? of_data(node) : NULL;
}

void of_net_gone(struct dt_node *node)
{
	for (struct dt_node *n = node; n; n = dt_next(node, n)) {
		struct nic *nic = nic_of(n);

		if (!nic)
			continue;
		if (nic->nd)
			log_info("%s: unplugged", nic->name);
		stop(nic);
		nic->node = NULL;
	}
}

bool of_net_next(const void **at, struct of_net_info *info)
{
	const struct nic *nic = *at ? ((const struct nic *)*at)->next : nics;
	const struct dt_prop *mac;

	while (nic && !nic->node)
		nic = nic->next;
	if (!nic)
		return false;
	*at = nic;
	mac = dt_prop_find(nic->node, "local-mac-address");
	*info = (struct of_net_info){.path = nic->name,
				     .driver = nic->source.driver,
				     .started = nic->nd != NULL,
				     .link = nic->nd && nic->nd->ops->link_up(nic->nd),
				     .instances = nic->open,
				     .last = nic->last};
	if (mac && (mac->len == 6 || mac->len == 8)) {
		info->has_mac = true;
		memcpy(info->mac, mac->data + (mac->len - 6), 6);
	}
	return true;
}

void net_reset(void)
{
	while (nics) {
		struct nic *nic = nics;

		nics = nic->next;
		heap_free(nic->name);
		heap_free(nic);
	}
	last_nic = &nics;
}
