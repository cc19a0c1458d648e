/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How lwIP is built: no threads, polled, memory from our heap, IPv4 and IPv6, TCP and UDP through its raw
 * interface. What is not listed is lwIP's default.
 */
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

#define NO_SYS               1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN         0
#define LWIP_SOCKET          0
#define LWIP_STATS           0
#define LWIP_TIMERS          1

/* Memory: our heap, which says no when it is empty. */
#define MEM_CUSTOM_ALLOCATOR 1
#define MEM_CUSTOM_MALLOC    net_heap_malloc
#define MEM_CUSTOM_CALLOC    net_heap_calloc
#define MEM_CUSTOM_FREE      net_heap_free
#define MEMP_MEM_MALLOC      1
#define MEM_ALIGNMENT        8
/* Its own names where we have the same. */
#define mem_init             lwip_mem_init

/* Received frames go into chunks of this size, so that one of them holds a frame of a usual MTU. */
#define PBUF_POOL_SIZE             128
#define PBUF_POOL_BUFSIZE          1600
#define LWIP_NETIF_TX_SINGLE_PBUF  1
#define LWIP_NETIF_STATUS_CALLBACK 0
#define LWIP_NETIF_LINK_CALLBACK   0

/* Nothing we load from needs fragments; reassembly would be one more thing to attack. */
#define IP_REASSEMBLY        0
#define IP_FRAG              0
#define LWIP_IPV6_REASS      0
#define LWIP_IPV6_FRAG       0
#define IPV6_FRAG_COPYHEADER 1

#define LWIP_IPV4                      1
#define LWIP_ARP                       1
#define LWIP_ICMP                      1
#define LWIP_RAW                       1 /* ping */
#define LWIP_DHCP                      0 /* dhcp4.c and dhcp6.c: a boot wants to see the packets */
#define LWIP_ACD                       0
#define LWIP_DNS                       1
#define LWIP_DNS_SECURE                7
#define LWIP_IPV6                      1
#define LWIP_ICMP6                     1
#define LWIP_IPV6_MLD                  1
#define LWIP_IPV6_AUTOCONFIG           1
#define LWIP_IPV6_NUM_ADDRESSES        4
#define LWIP_IPV6_DHCP6                0
#define LWIP_ND6_RDNSS_MAX_DNS_SERVERS 2
#define LWIP_ND6_ALLOW_RA_UPDATES      1

#define LWIP_TCP            1
#define LWIP_ALTCP          1
#define TCP_MSS             1460
#define LWIP_WND_SCALE      1
#define TCP_RCV_SCALE       2
#define TCP_WND             (128 * 1024)
#define TCP_SND_BUF         (8 * TCP_MSS)
#define TCP_SND_QUEUELEN    32
#define LWIP_TCP_SACK_OUT   1
#define TCP_OOSEQ_MAX_BYTES TCP_WND
#define LWIP_UDP            1

#define LWIP_RANDOMIZE_INITIAL_LOCAL_PORTS 1

#define LWIP_NETIF_HOSTNAME 1
#define LWIP_SINGLE_NETIF   0

#include "hooks.h"

#endif
