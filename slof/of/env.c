/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Values are held as text, checked and brought into one shape when they come in, so that whoever reads
 * them finds no surprise. NVRAM is not held: an operating system writes it behind our back, so each
 * change starts from what the device has, and writes back only what the change touched.
 */
#define LOG_TAG "env"
#include "of/env.h"

#include <string.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/strbuf.h"
#include "dt/prop.h"
#include "env-priv.h"
#include "nvram/nvram.h"
#include "of/machine.h"

#define UNKNOWN_MOST 256u /* others stay in NVRAM, unseen */

/* The screen's size is what GRUB falls back to anyway; it reads these into 8-bit numbers. */
/* clang-format off */
static const struct known {
	const char *name;
	enum env_type type;
	const char *def;
} known[] = {
	{"auto-boot?",          ENV_FLAG,    "true"},
	{"boot-command",        ENV_STRING,  "boot"},
	{"boot-device",         ENV_STRING,  ""},
	{"boot-file",           ENV_STRING,  ""},
	{"diag-device",         ENV_STRING,  ""},
	{"diag-file",           ENV_STRING,  ""},
	{"diag-switch?",        ENV_FLAG,    "false"},
	{"direct-serial?",      ENV_FLAG,    "false"},
	{"fcode-debug?",        ENV_FLAG,    "true"},
	{"input-device",        ENV_STRING,  ""},
	{"load-base",           ENV_INT,     "16384"},
	{"nvramrc",             ENV_BYTES,   ""},
	{"oem-banner",          ENV_STRING,  ""},
	{"oem-banner?",         ENV_FLAG,    "false"},
	{"oem-logo",            ENV_BYTES,   ""},
	{"oem-logo?",           ENV_FLAG,    "false"},
	{"output-device",       ENV_STRING,  ""},
	{"real-mode?",          ENV_FLAG,    "true"},
	{"screen-#columns",     ENV_INT,     "80"},
	{"screen-#rows",        ENV_INT,     "24"},
	{"security-#badlogins", ENV_INT,     "0"},
	{"security-mode",       ENV_SECMODE, "0"},
	{"security-password",   ENV_STRING,  ""},
	{"selftest-#megs",      ENV_INT,     "0"},
	{"use-nvramrc?",        ENV_FLAG,    "false"},
};
/* clang-format on */

#define KNOWN ((unsigned)ARRAY_SIZE(known))

struct unknown {
	struct unknown *next;
	char *value;
	char name[ENV_NAME_MAX + 1];
};

static char *values[KNOWN]; /* NULL: the default */
static struct unknown *unknowns;
static struct nvdev *device;

/* ---- what is there ------------------------------------------------------------------------ */

static int known_index(const char *name)
{
	for (unsigned i = 0; i < KNOWN; i++)
		if (!strcmp(known[i].name, name))
			return (int)i;
	return -1;
}

/* The link that points to the unknown variable of that name, or the last one, which is NULL. */
static struct unknown **unknown_link(const char *name)
{
	struct unknown **link = &unknowns;

	while (*link && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	return link;
}

static void free_unknown(struct unknown **link)
{
	struct unknown *u = *link;

	*link = u->next;
	heap_free(u->value);
	heap_free(u);
}

static const char *known_value(unsigned i)
{
	return values[i] ? values[i] : known[i].def;
}

void env_reset(void)
{
	for (unsigned i = 0; i < KNOWN; i++) {
		heap_free(values[i]);
		values[i] = NULL;
	}
	while (unknowns)
		free_unknown(&unknowns);
	device = NULL;
}

bool env_next(unsigned *at, struct env_var *var)
{
	const struct unknown *u = unknowns;
	unsigned i = (*at)++;

	if (i < KNOWN) {
		*var = (struct env_var){known[i].name, known[i].type, known_value(i), known[i].def};
		return true;
	}
	for (i -= KNOWN; u && i > 0; i--)
		u = u->next;
	if (!u)
		return false;
	*var = (struct env_var){u->name, ENV_STRING, u->value, NULL};
	return true;
}

const char *env_get_str(const char *name)
{
	const struct unknown *u;
	int i = known_index(name);

	if (i >= 0)
		return known_value((unsigned)i);
	u = *unknown_link(name);
	return u ? u->value : NULL;
}

bool env_get_flag(const char *name)
{
	int i = known_index(name);

	return i >= 0 && known[i].type == ENV_FLAG && !strcmp(known_value((unsigned)i), "true");
}

uint64_t env_get_int(const char *name)
{
	int i = known_index(name);
	uint64_t v = 0;
	const char *text;

	if (i < 0 || known[i].type != ENV_INT)
		return 0;
	text = known_value((unsigned)i);
	return env_parse_int(text, strlen(text), &v) ? 0 : v;
}

/* ---- /options ----------------------------------------------------------------------------- */

static struct dt_node *options(void)
{
	return dt_child_get(of_tree(), of_tree()->root, "options");
}

bool env_is_node(const struct dt_node *node)
{
	return node == dt_child_find(of_tree()->root, "options");
}

static void mirror(bool also_present)
{
	struct dt_node *node = options();
	struct env_var var;
	unsigned at = 0;

	while (env_next(&at, &var))
		if (also_present || !dt_prop_find(node, var.name))
			dt_prop_set_str(node, var.name, var.value);
}

void env_mirror(void)
{
	mirror(false);
}

/* ---- loading ------------------------------------------------------------------------------ */

static int read_device(uint8_t **image)
{
	static const char *const said[] = {
		[NVRAM_SOUND] = NULL,
		[NVRAM_MENDED] = "damaged, mended",
		[NVRAM_FRESH] = "empty, formatted",
		[NVRAM_REPLACED] = "no usable partition for variables, formatted",
	};
	uint8_t *buf = try_alloc(device->size);
	enum nvram_state state;
	int err;

	if (!buf)
		return E_NOMEM;
	err = device->ops->read(device, 0, buf, device->size);
	if (err) {
		heap_free(buf);
		return err;
	}
	state = nvram_repair(buf, device->size);
	if (state == NVRAM_FRESH)
		log_info("NVRAM: %s", said[state]);
	else if (state != NVRAM_SOUND)
		log_warn("NVRAM: %s", said[state]);
	if (state != NVRAM_SOUND && device->ops->write(device, 0, buf, device->size))
		log_warn("NVRAM cannot be written");
	*image = buf;
	return 0;
}

int env_read_nvram(uint8_t **image, uint32_t *size)
{
	uint8_t *copy;
	int err;

	if (!device)
		return E_NOENT;
	copy = try_alloc(device->size);
	if (!copy)
		return E_NOMEM;
	err = device->ops->read(device, 0, copy, device->size);
	if (err) {
		heap_free(copy);
		return err;
	}
	*image = copy;
	*size = device->size;
	return 0;
}

/* Text from NVRAM for a line of the log: what is not printable becomes a dot. */
static void show(struct strbuf *sb, const char *text, size_t len)
{
	for (size_t i = 0; i < len && !sb->cut; i++)
		strbuf_char(sb, text[i] < ' ' || text[i] > '~' ? '.' : text[i]);
}

static void load_known(unsigned i, const struct nvram_variable *var)
{
	char text[64];
	struct strbuf sb = strbuf_on(text, sizeof(text));
	int err = env_shape(known[i].type, var->value, var->len, &values[i]);

	if (!err)
		return;
	show(&sb, var->value, var->len);
	log_warn("%s: \"%s\" in NVRAM is not usable: %s%s; default \"%s\"", known[i].name, text,
		 err == E_INVAL ? "only " : "",
		 err == E_INVAL ? env_rule(known[i].type) : err_text(err), known[i].def);
}

static int add_unknown(const char *name, char *value)
{
	struct unknown **link = unknown_link(name);
	struct unknown *u = *link;

	if (u) {
		heap_free(u->value);
		u->value = value;
		return 0;
	}
	u = try_alloc(sizeof(*u));
	if (!u)
		return E_NOMEM;
	memcpy(u->name, name, strlen(name) + 1);
	u->value = value;
	*link = u;
	return 0;
}

/* false when it cannot be shown. A name that came before wins, as for everybody who reads NVRAM. */
static bool load_unknown(const char *name, const struct nvram_variable *var)
{
	char *value = NULL;

	if (!env_is_name(name) || env_shape(ENV_STRING, var->value, var->len, &value))
		return false;
	if (!*unknown_link(name) && !add_unknown(name, value))
		return true;
	heap_free(value);
	return true;
}

static void load(const uint8_t *image, uint32_t size)
{
	bool seen[KNOWN] = {false};
	struct nvram_part part;
	struct nvram_variable var;
	uint32_t at = 0;
	unsigned strange = 0, passed_over = 0;

	if (nvram_find(image, size, &part))
		return;
	while (nvram_next_var(image, &part, &at, &var)) {
		char name[ENV_NAME_MAX + 1] = "";
		int i;

		if (var.name_len <= ENV_NAME_MAX)
			memcpy(name, var.name, var.name_len);
		i = known_index(name);
		if (i >= 0 && !seen[i]) {
			seen[i] = true;
			load_known((unsigned)i, &var);
		} else if (i < 0 && (strange >= UNKNOWN_MOST || !load_unknown(name, &var))) {
			passed_over++;
		} else if (i < 0) {
			strange++;
		}
	}
	if (passed_over)
		log_warn("%u variables in NVRAM left where they are, not shown", passed_over);
}

void env_init(struct nvdev *nv)
{
	uint8_t *image = NULL;

	env_reset();
	device = nv;
	if (device && (device->size < NVRAM_LEAST || device->size > NVRAM_MOST)) {
		log_warn("NVRAM of %u bytes is not 8 KiB to 1 MiB, not used", device->size);
		device = NULL;
	}
	if (device && read_device(&image)) {
		log_warn("NVRAM cannot be read, not used");
		device = NULL;
	}
	if (image)
		load(image, nv->size);
	heap_free(image);
	mirror(true);
}

/* ---- changing ----------------------------------------------------------------------------- */

/* Bring one change to the device; value NULL deletes. */
static int store(const char *name, const char *value)
{
	struct nvram_range changed = {0, 0};
	uint8_t *image = NULL;
	int err;

	if (!device)
		return 0;
	err = read_device(&image);
	if (err)
		return err;
	if (value)
		err = nvram_set(image, device->size, name, value, strlen(value), &changed);
	else
		err = nvram_delete(image, device->size, name, &changed);
	if (!err)
		err = device->ops->write(device, changed.offset, image + changed.offset,
					 changed.len);
	else if (err == E_NOENT && !value)
		err = 0;
	heap_free(image);
	return err;
}

/* Take over value, which is then ours, for a variable that may be new. */
static int commit(int i, const char *name, char *value)
{
	int err = dt_prop_try_set(options(), name, value, strlen(value) + 1);

	if (err)
		return err;
	if (i < 0) {
		err = add_unknown(name, value);
		if (err)
			dt_prop_delete(options(), name);
		return err;
	}
	heap_free(values[i]);
	values[i] = value;
	return 0;
}

int env_set(const char *name, const char *value, size_t len)
{
	int i = known_index(name), err, stored;
	char *text = NULL;

	if (!env_is_name(name))
		return E_INVAL;
	err = env_shape(i < 0 ? ENV_STRING : known[i].type, value, len, &text);
	if (err)
		return err;
	stored = store(name, text);
	if (stored && stored != E_IO) {
		heap_free(text);
		return stored;
	}
	if (stored)
		log_warn("%s: NVRAM cannot be written; the value holds until the next reset", name);
	err = commit(i, name, text);
	if (err)
		heap_free(text);
	return err ? err : stored;
}

int env_set_default(const char *name)
{
	int i = known_index(name), err;
	struct unknown **link = i < 0 ? unknown_link(name) : NULL;

	if (link && !*link)
		return E_NOENT;
	err = store(name, NULL);
	if (err)
		log_warn("%s: NVRAM cannot be written; it will be back after a reset", name);
	if (link) {
		dt_prop_delete(options(), name);
		free_unknown(link);
		return err;
	}
	heap_free(values[i]);
	values[i] = NULL;
	dt_prop_set_str(options(), name, known[i].def);
	return err;
}

int env_set_defaults(void)
{
	int first = 0;

	for (unsigned i = 0; i < KNOWN; i++) {
		int err;

		if (!strncmp(known[i].name, "security-", 9))
			continue;
		err = env_set_default(known[i].name);
		if (!first)
			first = err;
	}
	return first;
}
