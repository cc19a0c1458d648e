/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a person at the prompt does with a network device: see who answers, what a name means, what passes by.
 * Each opens a device as load does, and leaves nothing behind.
 */
#define LOG_TAG "net"
#include "net-session.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "dt/path.h"
#include "of/machine.h"

#define PING_MS     1000u
#define PING_GAP_MS 1000u

/* The device a path or alias names; *args is the caller's to free. */
static int find(const char *device, struct nic **nic, char **args)
{
	struct dt_node *node;
	int err;

	*args = NULL;
	err = dt_path_resolve(of_tree(), device, &node, args);
	if (!err && !nic_of(node))
		err = E_UNSUPP;
	if (err) {
		log_warn("%s: no network device (%s)", device, err_text(err));
		heap_free(*args);
		return err;
	}
	*nic = nic_of(node);
	return 0;
}

static int open_session(const char *device, struct net_session **s)
{
	struct nic *nic = NULL;
	char *args;
	int err = find(device, &nic, &args);

	if (err)
		return err;
	err = net_session_open(nic, args ? args : "", NET_TO_TALK, s);
	heap_free(args);
	return err;
}

static int resolve(struct net_session *s, const char *host, char *out, size_t room)
{
	const struct net_watch watch = {net_idle, NULL};
	int err = net_resolve(s->nif, host, &watch, out, room);

	if (err && err != E_ABORT)
		log_warn("%s: %s", host,
			 err == E_NOENT ? "no such name" : "no address: nobody answers");
	return err;
}

int of_net_resolve(const char *device, const char *host, char *out, size_t room)
{
	struct net_session *s = NULL;
	int err = open_session(device, &s);

	if (err)
		return err;
	err = resolve(s, host, out, room);
	net_session_close(s);
	return err;
}

/* Until it is time for the next one; the stack goes on. */
static int rest(void)
{
	struct deadline end = deadline_in_ms(PING_GAP_MS);
	int err = 0;

	while (!err && !deadline_passed(&end)) {
		net_poll();
		err = net_idle(NULL);
	}
	return err;
}

static int ping(struct net_session *s, unsigned count,
		bool (*each)(void *ctx, const struct of_net_answer *a), void *ctx,
		struct of_net_answer *a)
{
	for (unsigned i = 0; i < count; i++) {
		int err = i ? rest() : 0;

		if (!err)
			err = net_ping(s->nif, a->address, PING_MS, &a->us);
		if (err == E_TIMEOUT)
			a->us = UINT64_MAX;
		else if (err)
			return err;
		if (!each(ctx, a))
			break;
		err = net_idle(NULL);
		if (err)
			return err;
	}
	return 0;
}

int of_net_ping(const char *device, const char *host, unsigned count,
		bool (*each)(void *ctx, const struct of_net_answer *a), void *ctx)
{
	struct net_session *s = NULL;
	struct of_net_answer a = {.us = 0};
	int err = open_session(device, &s);

	if (err)
		return err;
	host = *host ? host : s->args.server;
	err = resolve(s, host, a.address, sizeof(a.address));
	if (!err)
		err = ping(s, count, each, ctx, &a);
	net_session_close(s);
	return err;
}

int of_net_watch(const char *device, bool (*each)(void *ctx, const uint8_t *frame, size_t len),
		 void *ctx)
{
	uint8_t *frame = try_alloc(NETDEV_FRAME_MAX);
	struct nic *nic = NULL;
	char *args = NULL;
	bool more = true;
	int err = frame ? find(device, &nic, &args) : E_NOMEM;

	if (!err) {
		heap_free(args);
		err = nic->taken ? E_BUSY : nic_open(nic);
	}
	if (err) {
		heap_free(frame);
		return err;
	}
	while (more && nic->nd && of_key() < 0) {
		size_t len = nic->nd->ops->receive(nic->nd, frame, NETDEV_FRAME_MAX);

		if (len)
			more = each(ctx, frame, len);
		else
			of_idle(1);
	}
	nic_close(nic);
	heap_free(frame);
	return 0;
}
