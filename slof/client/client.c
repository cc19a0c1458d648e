/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The decoder. Each service is a row that says what its cells mean; client_call() checks the array,
 * finds the row, turns every cell into a checked node, instance, string or buffer, and only then
 * calls the service, which may trust them. Results are written last, into memory that is checked
 * again: the service may have changed who owns it.
 */
#define LOG_TAG "client"
#include "client/client.h"

#include "base/bytes.h"
#include "base/err.h"
#include "base/log.h"
#include "base/trace.h"
#include "of/machine.h"
#include "of/memory.h"

#include <string.h>

#include "client-priv.h"

#define NAME_MAX 64u   /* bytes of a service's name, NUL included */
#define HEAD     12ull /* bytes before the first argument */
#define CELL     4ull  /* bytes of one */

struct service {
	const char *name;
	/*
	 * One letter per argument:
	 *   p  phandle                          i  ihandle
	 *   P  phandle, or 0 for none           n  number
	 *   s  string                           b  buffer; its length is the next cell, an n
	 *   S  string, or 0 for an empty one
	 */
	const char *kinds;
	uint8_t nrets; /* at least */
	int8_t failed; /* first result when an argument is bad, and before the service ran */
	client_service *run;
};

/* In the order of strcmp(). */
/* clang-format off */
static const struct service services[] = {
	{"boot",                        "s",     0, -1, ci_boot},
	{"call-method",                 "si",    0, -1, ci_call_method},
	{"canon",                       "snn",   1, -1, ci_canon},
	{"chain",                       "nnnnn", 0, -1, ci_chain},
	{"child",                       "p",     1, -1, ci_child},
	{"claim",                       "nnn",   1, -1, ci_claim},
	{"close",                       "i",     0, -1, ci_close},
	{"enter",                       "",      0,  0, ci_enter},
	{"exit",                        "",      0,  0, ci_exit},
	{"finddevice",                  "s",     1, -1, ci_finddevice},
	{"getprop",                     "psnn",  1, -1, ci_getprop},
	{"getproplen",                  "ps",    1, -1, ci_getproplen},
	{"instance-to-interposed-path", "inn",   1, -1, ci_instance_to_interposed_path},
	{"instance-to-package",         "i",     1, -1, ci_instance_to_package},
	{"instance-to-path",            "inn",   1, -1, ci_instance_to_path},
	{"interpret",                   "s",     0, -1, ci_interpret},
	{"milliseconds",                "",      1,  0, ci_milliseconds},
	{"nextprop",                    "pSn",   1, -1, ci_nextprop},
	{"open",                        "s",     1,  0, ci_open},
	{"package-to-path",             "pnn",   1, -1, ci_package_to_path},
	{"parent",                      "p",     1, -1, ci_parent},
	{"peer",                        "P",     1, -1, ci_peer},
	{"quiesce",                     "",      0,  0, ci_quiesce},
	{"read",                        "ibn",   1, -1, ci_read},
	{"release",                     "nn",    0, -1, ci_release},
	{"seek",                        "inn",   1, -1, ci_seek},
	{"set-callback",                "n",     1,  0, ci_set_callback},
	{"setprop",                     "psbn",  1, -1, ci_setprop},
	{"start-cpu",                   "pnn",   0, -1, ci_start_cpu},
	{"test",                        "s",     1, -1, ci_test},
	{"test-method",                 "ps",    1, -1, ci_test_method},
	{"write",                       "ibn",   1, -1, ci_write},
};
/* clang-format on */

/* ---- the client's memory ------------------------------------------------------------------ */

void *client_ram(uint64_t addr, uint64_t len)
{
	return len > 0 && mem_client_may(addr, len) ? ram_at(addr, len) : NULL;
}

const char *client_string(uint64_t addr, size_t max)
{
	uint64_t len = mem_client_extent(addr, max);
	const char *text = len > 0 ? ram_at(addr, len) : NULL;

	return text && memchr(text, 0, len) ? text : NULL;
}

int64_t client_give(const char *text, size_t len, uint64_t buf, uint64_t room)
{
	uint64_t n = len < room ? len + 1 : room;
	char *to;

	if (n > 0) {
		to = client_ram(buf, n);
		if (!to)
			return -1;
		memcpy(to, text, n); /* the NUL too, where n says so */
	}
	return (int64_t)len;
}

/* ---- decoding ----------------------------------------------------------------------------- */

static const struct service *service_find(const char *name)
{
	size_t low = 0, high = ARRAY_SIZE(services);

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = name[0] - services[mid].name[0]; /* settles most */

		if (order == 0)
			order = strcmp(name, services[mid].name);
		if (order == 0)
			return &services[mid];
		if (order < 0)
			high = mid;
		else
			low = mid + 1;
	}
	return NULL;
}

bool client_has_service(const char *name)
{
	return service_find(name) != NULL;
}

/* Read the counts and check that the array is the client's to its end. */
static uint8_t *check_array(uint64_t array, unsigned *nargs, unsigned *nrets)
{
	uint64_t len = mem_client_extent(array, HEAD + CELL * 2 * CLIENT_CELLS), need;
	const uint8_t *head;

	if (len < HEAD)
		return NULL;
	head = ram_at(array, HEAD);
	*nargs = get_be32(head + 4);
	*nrets = get_be32(head + 8);
	if (*nargs > CLIENT_CELLS || *nrets > CLIENT_CELLS)
		return NULL;
	need = HEAD + CELL * (*nargs + *nrets);
	return need <= len ? ram_at(array, need) : NULL;
}

/* The arguments as they came. Returns the service's name, or NULL; no cells for what is no array. */
static const char *read_array(struct client_call *c, uint64_t array)
{
	unsigned nargs, nrets;
	const uint8_t *head = check_array(array, &nargs, &nrets);

	c->nargs = head ? nargs : 0;
	c->nrets = head ? nrets : 0;
	for (unsigned i = 0; i < c->nargs; i++)
		c->cell[i] = get_be32(head + HEAD + CELL * i);
	return head ? client_string(get_be32(head), NAME_MAX) : NULL;
}

/* The service may have changed who owns the memory since it was checked. */
static void write_results(const struct client_call *c, uint64_t array, bool changed)
{
	uint64_t at = array + HEAD + CELL * c->nargs, len = CELL * c->nrets;
	uint8_t *to;

	if (len == 0 || (changed && !mem_client_may(at, len)))
		return;
	to = ram_at(at, len);
	for (unsigned i = 0; i < c->nrets; i++)
		put_be32(to + CELL * i, (uint32_t)c->ret[i]);
}

static void preset_results(struct client_call *c, int64_t first, int64_t others)
{
	c->ret[0] = first;
	for (unsigned i = 1; i < c->nrets; i++)
		c->ret[i] = others;
}

static bool decode_arg(struct client_call *c, const char *kinds, unsigned i)
{
	static char nothing[1];
	union client_arg *arg = &c->arg[i];
	uint32_t cell = c->cell[i];

	switch (kinds[i]) {
	case 'p':
		arg->node = dt_find_phandle(of_tree(), cell);
		return arg->node != NULL;
	case 'P':
		arg->node = cell ? dt_find_phandle(of_tree(), cell) : NULL;
		return arg->node || cell == 0;
	case 'i':
		arg->in = instance_find(cell);
		return arg->in != NULL;
	case 's':
		arg->text = client_string(cell, CLIENT_STRING_MAX);
		return arg->text != NULL;
	case 'S':
		arg->text = cell ? client_string(cell, CLIENT_STRING_MAX) : "";
		return arg->text != NULL;
	case 'b':
		arg->buf = c->cell[i + 1] ? client_ram(cell, c->cell[i + 1]) : nothing;
		return arg->buf != NULL;
	default:
		arg->n = cell;
		return true;
	}
}

static bool decode(struct client_call *c, const struct service *s)
{
	for (unsigned i = 0; i < c->nargs && s->kinds[i]; i++) {
		if (!decode_arg(c, s->kinds, i)) {
			log_debug("%s: argument %u is bad: %x", s->name, i + 1, c->cell[i]);
			return false;
		}
	}
	return true;
}

static int64_t serve(struct client_call *c, const struct service *s)
{
	if (c->nargs < strlen(s->kinds) || c->nrets < s->nrets) {
		log_debug("%s: %u arguments and %u results are too few", s->name, c->nargs,
			  c->nrets);
		preset_results(c, -1, -1);
		return -1;
	}
	preset_results(c, s->failed, 0);
	if (!decode(c, s))
		return c->nrets ? 0 : -1;
	s->run(c);
	return 0;
}

static unsigned trace(const struct client_call *c, const struct service *s)
{
	uint32_t a[4] = {0};

	for (unsigned i = 0; i < c->nargs && i < ARRAY_SIZE(a); i++)
		a[i] = c->cell[i];
	return trace_add(TRACE_CLIENT, s ? s->name : "?", a[0], a[1], a[2], a[3]);
}

int64_t client_call(uint64_t array)
{
	struct client_call c;
	const struct service *s;
	unsigned place, generation = mem_generation();
	const char *name;
	int64_t rc = -1;

	name = read_array(&c, array);
	s = name ? service_find(name) : NULL;
	place = trace(&c, s);
	if (s) {
		rc = serve(&c, s);
	} else {
		log_debug("no service \"%s\", array at %llx", name ? name : "",
			  (unsigned long long)array);
		preset_results(&c, -1, -1);
	}
	write_results(&c, array, generation != mem_generation());
	trace_result(place, rc ? rc : c.ret[0]);
	return rc;
}
