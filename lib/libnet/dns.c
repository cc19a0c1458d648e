/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A name's address: lwIP asks, this waits, and gives up when the user or the clock says so. lwIP may still
 * answer afterwards, so answers go to a static place and carry the number of their question.
 */
#include "net/config.h"

#include <string.h>

#include "lwip/dns.h"
#include "lwip/netif.h"

#include "base/clock.h"
#include "base/err.h"

#define DNS_MS  15000u
#define IDLE_US 10000u

static struct {
	uintptr_t number; /* of the question now waiting */
	bool done, found;
	ip_addr_t ip;
} question;

static void answered(const char *name, const ip_addr_t *ip, void *arg)
{
	(void)name;
	if ((uintptr_t)arg != question.number)
		return;
	question.done = true;
	question.found = ip != NULL;
	if (ip)
		question.ip = *ip;
}

static int wait_for_answer(const struct net_watch *watch)
{
	struct wait w = wait_ms(DNS_MS);
	uint64_t idle_us = 0;
	int err;

	while (!question.done) {
		net_poll();
		if (watch && watch->idle && clock_us() >= idle_us) {
			idle_us = clock_us() + IDLE_US;
			err = watch->idle(watch->ctx);
			if (err)
				return err;
		}
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	return 0;
}

/* Addresses of the kind this interface has come first. */
static u8_t wanted(struct net_if *nif)
{
	return ip4_addr_isany(netif_ip4_addr(net_if_lwip(nif))) ? LWIP_DNS_ADDRTYPE_IPV6_IPV4
								: LWIP_DNS_ADDRTYPE_IPV4_IPV6;
}

static int ask(struct net_if *nif, const char *name, const struct net_watch *watch)
{
	err_t rc;
	int err = 0;

	question.number++;
	question.done = question.found = false;
	netif_set_default(net_if_lwip(nif)); /* the name servers are this interface's */
	rc = dns_gethostbyname_addrtype(name, &question.ip, answered, (void *)question.number,
					wanted(nif));
	if (rc == ERR_OK)
		return 0; /* lwIP knew */
	if (rc != ERR_INPROGRESS)
		return rc == ERR_MEM ? E_NOMEM : E_NOENT;
	err = wait_for_answer(watch);
	question.number++; /* whatever comes now is too late */
	if (err)
		return err;
	return question.found ? 0 : E_NOENT;
}

int net_resolve(struct net_if *nif, const char *name, const struct net_watch *watch, char *out,
		size_t room)
{
	int err;

	if (name[0] == 0 || strlen(name) > 255)
		return E_NOENT;
	err = ask(nif, name, watch);
	if (err)
		return err;
	return ipaddr_ntoa_r(&question.ip, out, (int)room) ? 0 : E_NOSPC;
}
