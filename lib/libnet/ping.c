/* SPDX-License-Identifier: BSD-2-Clause */
/* One echo request (RFC 792, RFC 4443) and the wait for its answer, which is known by random numbers. */
#include "net/config.h"

#include <string.h>

#include "lwip/icmp.h"
#include "lwip/inet_chksum.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/prot/icmp6.h"
#include "lwip/prot/ip6.h"
#include "lwip/raw.h"

#include "base/bytes.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/random.h"

#define ECHO_BYTES 56u /* header of 8 and what everybody's ping sends */

struct ping {
	bool v6, back;
	uint64_t cookie; /* id, sequence number and the first bytes of the data */
	ip_addr_t host;
};

static uint8_t answer_type(const struct ping *ping)
{
	return ping->v6 ? ICMP6_TYPE_EREP : ICMP_ER;
}

/* Is it the answer? Never eats a packet: lwIP drops echo replies by itself. */
static u8_t receive(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *from)
{
	struct ping *ping = arg;
	uint8_t icmp[16], first;
	u16_t header = IP6_HLEN;

	(void)pcb;
	if (!ping->v6) {
		if (pbuf_copy_partial(p, &first, 1, 0) != 1)
			return 0;
		header = (u16_t)(4 * (first & 15));
	}
	if (pbuf_copy_partial(p, icmp, sizeof(icmp), header) != sizeof(icmp))
		return 0;
	if (icmp[0] == answer_type(ping) && get_be64(icmp + 4) == ping->cookie &&
	    ip_addr_eq(from, &ping->host))
		ping->back = true;
	return 0;
}

static int send_echo(struct raw_pcb *pcb, const struct ping *ping)
{
	struct pbuf *p = pbuf_alloc(PBUF_IP, ECHO_BYTES, PBUF_RAM);
	uint8_t *icmp;
	err_t rc;

	if (!p)
		return E_NOMEM;
	icmp = p->payload;
	memset(icmp, 0, ECHO_BYTES);
	icmp[0] = ping->v6 ? ICMP6_TYPE_EREQ : ICMP_ECHO;
	put_be64(icmp + 4, ping->cookie);
	if (!ping->v6)
		put_be16(icmp + 2, lwip_ntohs(inet_chksum(icmp, ECHO_BYTES)));
	rc = raw_sendto(pcb, p, &ping->host);
	pbuf_free(p);
	return rc == ERR_MEM ? E_NOMEM : 0; /* no route: it will not come back */
}

static int wait_for_echo(const struct ping *ping, uint32_t timeout_ms, uint64_t *us)
{
	struct wait w = wait_ms(timeout_ms);
	uint64_t start = clock_us();

	for (;;) {
		net_poll();
		if (ping->back)
			break;
		if (!wait_more(&w))
			return E_TIMEOUT;
	}
	*us = clock_us() - start;
	return 0;
}

static int echo(struct raw_pcb *pcb, struct ping *ping, uint32_t timeout_ms, uint64_t *us)
{
	int err;

	raw_recv(pcb, receive, ping);
	err = send_echo(pcb, ping);
	return err ? err : wait_for_echo(ping, timeout_ms, us);
}

int net_ping(struct net_if *nif, const char *host, uint32_t timeout_ms, uint64_t *us)
{
	struct ping ping = {.cookie = random_u64()};
	struct raw_pcb *pcb;
	int err;

	if (!ipaddr_aton(host, &ping.host))
		return E_INVAL;
	ping.v6 = IP_IS_V6_VAL(ping.host);
	if (ping.v6 && ip6_addr_lacks_zone(ip_2_ip6(&ping.host), IP6_UNICAST))
		ip6_addr_assign_zone(ip_2_ip6(&ping.host), IP6_UNICAST, net_if_lwip(nif));
	pcb = raw_new_ip_type(IP_GET_TYPE(&ping.host), ping.v6 ? IP6_NEXTH_ICMP6 : IP_PROTO_ICMP);
	if (!pcb)
		return E_NOMEM;
	if (ping.v6) {
		pcb->chksum_reqd = 1;
		pcb->chksum_offset = 2;
	}
	raw_bind_netif(pcb, net_if_lwip(nif));
	err = echo(pcb, &ping, timeout_ms, us);
	raw_remove(pcb);
	return err;
}
