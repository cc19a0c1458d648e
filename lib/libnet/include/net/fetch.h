/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files from the network: a URL in, bytes out. TFTP (RFC 1350, 2347-2349, 7440) and HTTP/1.1 (RFC 9112), both over
 * IPv4 and IPv6. Bytes come in order, each once.
 */
#ifndef NET_FETCH_H
#define NET_FETCH_H

#include "net/stack.h"

enum net_scheme { NET_TFTP, NET_HTTP };

/* Taken apart and checked; all text is NUL terminated and free of control characters. */
struct net_url {
	enum net_scheme scheme;
	uint16_t port;  /* never 0 */
	char host[256]; /* a name, an IPv4 address, or an IPv6 address without brackets */
	char path
		[1024]; /* TFTP: the file's name without the first '/'; HTTP: path and query, with it */
};

/*
 * "tftp://host[:port]/file" or "http://host[:port]/path?query". E_UNSUPP for other schemes ("https://"),
 * E_FORMAT, E_NOSPC for parts that are too long.
 */
int net_url_parse(const char *text, struct net_url *out) MUST_CHECK;
/* A URL relative to another one ("/x", "x", "//host/x", a whole one): redirects, pxelinux files. */
int net_url_join(const struct net_url *base, const char *text, struct net_url *out) MUST_CHECK;
/* As text again; returns the true length. */
size_t net_url_print(const struct net_url *url, char *buf, size_t room);

struct net_sink {
	/*
	 * Called once, before the first byte. size: of all of it, UINT64_MAX if nobody knows. What it
	 * returns ends the transfer: E_NOSPC when there is no room.
	 */
	int (*begin)(void *ctx, uint64_t size);
	/* len bytes that belong at offset. */
	int (*data)(void *ctx, uint64_t offset, const void *bytes, size_t len);
	/* From time to time while waiting; E_ABORT when the user gives up. May be NULL. */
	int (*idle)(void *ctx);
	void *ctx;
};

/* What went wrong, for a person and for the E30xx codes of the console. */
struct net_failure {
	int code;       /* 3000..3018 as compat.md lists them, 0: none of them */
	char text[160]; /* "server says: File not found", "HTTP 404 Not Found", ... */
};

/*
 * Get a file. 0; E_NOENT (the server has no such file), E_PERM (it may not be had), E_TIMEOUT, E_NOSPC,
 * E_FORMAT (the server breaks the protocol, or sends more or less than it said), E_ABORT, E_NOMEM, E_IO,
 * E_UNSUPP (redirected to another protocol).
 * *failure is filled for all of them.
 */
int net_fetch(struct net_if *nif, const struct net_url *url, const struct net_sink *sink,
	      struct net_failure *failure) MUST_CHECK;

#endif
