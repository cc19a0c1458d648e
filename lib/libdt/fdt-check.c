/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * May this blob be read? Our own pass comes first and bounds everything: the header lies inside, the
 * blocks are aligned, nesting is at most 64 deep and names are at most 255 bytes long. libfdt's full
 * check then runs over the same blob. It alone would not do: it reads past a header that is cut
 * short, does not ask for aligned blocks, and its time grows with the square of the blob if
 * many properties share one endless name.
 */
#include "dt/fdt.h"

#include "base/bytes.h"
#include "base/err.h"
#include "dt-priv.h"

#include <libfdt.h>
#include <string.h>

#define HEADER_BYTES  40u
#define RESERVE_ENTRY 16u
#define NAME_MAX_LEN  255u

struct header {
	uint32_t total, structure, strings, reserve, version, last_compatible;
	uint32_t strings_size, structure_size;
};

struct walk {
	const uint8_t *blob;
	uint32_t at, end; /* in the structure block */
	uint32_t strings, strings_size;
	unsigned depth;
	bool root_closed;
};

static struct header read_header(const uint8_t *blob)
{
	struct header h = {
		.total = get_be32(blob + 4),
		.structure = get_be32(blob + 8),
		.strings = get_be32(blob + 12),
		.reserve = get_be32(blob + 16),
		.version = get_be32(blob + 20),
		.last_compatible = get_be32(blob + 24),
		.strings_size = get_be32(blob + 32),
	};

	if (h.version >= 17)
		h.structure_size = get_be32(blob + 36);
	else if (h.structure < h.total) /* version 16 does not say: at most to the end */
		h.structure_size = h.total - h.structure;
	return h;
}

static bool is_inside(const struct header *h, uint32_t at, uint32_t size)
{
	return at >= HEADER_BYTES && at <= h->total && size <= h->total - at;
}

/* Each check returns what is wrong, NULL if nothing. */
static const char *check_header(const uint8_t *blob, size_t max, struct header *h)
{
	if ((uintptr_t)blob % 8 != 0)
		return "not at a multiple of 8";
	if (max < HEADER_BYTES)
		return "shorter than a header";
	if (get_be32(blob) != FDT_MAGIC)
		return "no magic number";
	*h = read_header(blob);
	if (h->version < 16 || h->last_compatible > 17)
		return "version is not 16 or 17";
	if (h->total < HEADER_BYTES || h->total > max || h->total > INT32_MAX)
		return "total size out of bounds";
	if (!is_inside(h, h->structure, h->structure_size) || h->structure % 4 != 0)
		return "structure block misplaced";
	if (!is_inside(h, h->strings, h->strings_size))
		return "strings block misplaced";
	if (!is_inside(h, h->reserve, RESERVE_ENTRY) || h->reserve % 8 != 0)
		return "reserve map misplaced";
	return NULL;
}

/* The length of a name of at most that many bytes, NUL included; above NAME_MAX_LEN if too long. */
static uint32_t name_len(const uint8_t *name, uint32_t room)
{
	uint32_t look = room < NAME_MAX_LEN + 1 ? room : NAME_MAX_LEN + 1;
	const uint8_t *nul = look > 0 ? memchr(name, 0, look) : NULL;

	return nul ? (uint32_t)(nul - name) : NAME_MAX_LEN + 1;
}

static const char *check_node(struct walk *w)
{
	const uint8_t *name = w->blob + w->at;
	uint32_t len = name_len(name, w->end - w->at);

	if (len > NAME_MAX_LEN)
		return "node name too long or cut short";
	if (w->root_closed)
		return "two roots";
	if ((len == 0) != (w->depth == 0))
		return w->depth == 0 ? "root has a name" : "node without name";
	if (len > 0 && memchr(name, '/', len))
		return "slash in a node name";
	if (++w->depth > DT_DEPTH_MAX)
		return "nested too deep";
	w->at += (len + 1 + 3) & ~3u;
	return NULL;
}

static const char *check_prop(struct walk *w)
{
	uint32_t len, name, chars;

	if (w->depth == 0)
		return "property outside of nodes";
	if (w->end - w->at < 8)
		return "property cut short";
	len = get_be32(w->blob + w->at);
	name = get_be32(w->blob + w->at + 4);
	if (len > w->end - w->at - 8)
		return "property value cut short";
	if (name >= w->strings_size)
		return "property name outside of the strings";
	chars = name_len(w->blob + w->strings + name, w->strings_size - name);
	if (chars == 0 || chars > NAME_MAX_LEN)
		return "property name empty, too long or cut short";
	w->at += 8 + ((len + 3) & ~3u);
	return NULL;
}

static const char *check_end_node(struct walk *w)
{
	if (w->depth == 0)
		return "more ends than nodes";
	w->depth--;
	w->root_closed = w->depth == 0;
	return NULL;
}

static const char *check_structure(struct walk *w)
{
	const char *wrong = NULL;

	while (!wrong) {
		uint32_t tag;

		if (w->at > w->end || w->end - w->at < 4)
			return "structure block without end";
		tag = get_be32(w->blob + w->at);
		w->at += 4;
		if (tag == FDT_BEGIN_NODE)
			wrong = check_node(w);
		else if (tag == FDT_PROP)
			wrong = check_prop(w);
		else if (tag == FDT_END_NODE)
			wrong = check_end_node(w);
		else if (tag == FDT_END)
			return w->root_closed ? NULL : "end inside a node";
		else if (tag != FDT_NOP)
			wrong = "unknown tag";
	}
	return wrong;
}

static const char *check_all(const uint8_t *blob, size_t max, size_t *size)
{
	struct walk w = {.blob = blob};
	struct header h = {0};
	const char *wrong = check_header(blob, max, &h);
	int err;

	if (wrong)
		return wrong;
	w.at = h.structure;
	w.end = h.structure + h.structure_size;
	w.strings = h.strings;
	w.strings_size = h.strings_size;
	wrong = check_structure(&w);
	if (wrong)
		return wrong;
	err = fdt_check_full(blob, h.total);
	if (err)
		return fdt_strerror(err);
	*size = h.total;
	return NULL;
}

int dt_fdt_check(const void *blob, size_t max, size_t *size, const char **why)
{
	const char *wrong = check_all(blob, max, size);

	if (wrong && why)
		*why = wrong;
	return wrong ? E_FORMAT : 0;
}

int dt_fdt_reserved(const void *blob, unsigned n, uint64_t *addr, uint64_t *size)
{
	int count = fdt_num_mem_rsv(blob);
	const uint8_t *entry;

	if (count < 0 || n >= (unsigned)count)
		return E_NOENT;
	entry = (const uint8_t *)blob + fdt_off_mem_rsvmap(blob) + (size_t)n * RESERVE_ENTRY;
	*addr = get_be64(entry);
	*size = get_be64(entry + 8);
	return 0;
}
