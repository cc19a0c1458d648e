/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finding units. Every possible target is asked for its list (REPORT LUNS), first for its length, then
 * for all of it; one that has none is tried at its first LUNs. A list is only a hint: what does not answer
 * INQUIRY as a unit does not exist, and what was named twice exists once.
 */
#define LOG_TAG "scsi"
#include "scsi-priv.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

#define HEAD       8u
#define ENTRY      8u
#define FIRST_LEN  1024u
/* A target has at most 16384 single-level LUNs; a longer list is not believed. */
#define LIST_MAX   (HEAD + ENTRY * 16384u)
/* A dead host costs a few deadlines, not one for each of its targets. */
#define SILENT_MAX 3u

struct scan {
	struct scsi_host *host;
	void (*found)(void *ctx, uint64_t unit, const struct scsi_identity *who);
	void *ctx;
	uint64_t *seen;
	uint32_t n, room;
};

/* ---- what was found already ------------------------------------------------------------- */

/* Units mostly come in ascending order: looking from the end is quick then. */
static bool is_seen(const struct scan *s, uint64_t unit)
{
	for (uint32_t i = s->n; i-- > 0;)
		if (s->seen[i] == unit)
			return true;
	return false;
}

static int remember(struct scan *s, uint64_t unit)
{
	if (s->n == s->room) {
		uint32_t more = s->room ? 2 * s->room : 16;
		uint64_t *p = try_resize(s->seen, s->room * sizeof(*p), more * sizeof(*p));

		if (!p)
			return E_NOMEM;
		s->seen = p;
		s->room = more;
	}
	s->seen[s->n++] = unit;
	return 0;
}

static void look(struct scan *s, uint64_t unit)
{
	struct scsi_identity who;

	if (is_seen(s, unit) || scsi_inquire(s->host, unit, &who) || remember(s, unit))
		return;
	s->found(s->ctx, unit, &who);
}

static void look_at_entry(struct scan *s, uint32_t target, const uint8_t *entry)
{
	uint64_t unit;

	if (s->host->ops->unit(s->host, target, entry, &unit))
		log_info("LUN %llx of target %u has no address",
			 (unsigned long long)get_be64(entry), target);
	else
		look(s, unit);
}

/* ---- one target ------------------------------------------------------------------------- */

/* REPORT LUNS into room bytes; *len: those that came and belong to the list, head included. */
static int report(struct scan *s, uint64_t target, uint8_t *list, uint32_t room, uint32_t *len,
		  uint32_t *want)
{
	struct scsi_request req = scsi_request_in(target, CMD_REPORT_LUNS, list, room);
	int err;

	put_be32(req.cdb + 6, room);
	err = scsi_execute(s->host, &req);
	if (err)
		return err;
	if (scsi_moved(&req) < HEAD)
		return E_FORMAT;
	*want = get_be32(list);
	if (*want % ENTRY || *want > LIST_MAX - HEAD) {
		log_warn("target %llx: a list of %u bytes of LUNs", (unsigned long long)target,
			 *want);
		return E_FORMAT;
	}
	*want += HEAD;
	*len = *want < scsi_moved(&req) ? *want : scsi_moved(&req);
	return 0;
}

/* The whole list on the heap. */
static int read_list(struct scan *s, uint64_t target, uint8_t **out, uint32_t *len)
{
	uint32_t room = FIRST_LEN, want;
	uint8_t *list = NULL;

	for (;;) {
		int err;

		heap_free(list);
		list = try_alloc(room);
		if (!list)
			return E_NOMEM;
		err = report(s, target, list, room, len, &want);
		if (err) {
			heap_free(list);
			return err;
		}
		if (want <= room || room > FIRST_LEN || want > s->host->max_bytes)
			break;
		room = want;
	}
	*out = list;
	return 0;
}

static void try_luns(struct scan *s, uint32_t target)
{
	for (uint32_t lun = 0; lun < s->host->try_luns && lun < 16384; lun++) {
		uint8_t entry[ENTRY] = {0};
		uint32_t before = s->n;

		put_be16(entry, (uint16_t)(lun < 256 ? lun : 0x4000 | lun));
		look_at_entry(s, target, entry);
		if (lun == 0 && s->n == before)
			return; /* every target has a LUN 0 */
	}
}

static int by_lun(const void *a, const void *b)
{
	uint64_t lun_a = get_be64(a), lun_b = get_be64(b);

	return lun_a < lun_b ? -1 : lun_a > lun_b;
}

/* E_NOENT: nobody there. */
static int scan_target(struct scan *s, uint32_t i, uint64_t target)
{
	uint8_t *list;
	uint32_t len;
	int err = read_list(s, target, &list, &len);

	if (err)
		return err;
	/* QEMU's list begins with the disk that was added last; people count from LUN 0 up */
	qsort(list + HEAD, (len - HEAD) / ENTRY, ENTRY, by_lun);
	for (uint32_t at = HEAD; at + ENTRY <= len; at += ENTRY)
		look_at_entry(s, i, list + at);
	heap_free(list);
	return 0;
}

unsigned scsi_scan(struct scsi_host *host,
		   void (*found)(void *ctx, uint64_t unit, const struct scsi_identity *who),
		   void *ctx)
{
	struct scan s = {host, found, ctx, NULL, 0, 0};
	unsigned silent = 0, n;
	uint64_t target;

	for (uint32_t i = 0; host->ops->target(host, i, &target); i++) {
		int err = scan_target(&s, i, target);

		if (!err && i == 0 && host->lists_all)
			break;
		if (err == E_TIMEOUT && ++silent == SILENT_MAX)
			break;
		if (err && err != E_NOENT && err != E_TIMEOUT)
			try_luns(&s, i);
	}
	n = s.n;
	heap_free(s.seen);
	return n;
}
