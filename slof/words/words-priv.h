/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the words share: the machine's one engine, its active package and current instance, and
 * the ways between C's strings, nodes and errors and Forth's cells.
 */
#ifndef WORDS_PRIV_H
#define WORDS_PRIV_H

#include "words/words.h"

#include "base/compiler.h"
#include "of/instance.h"
#include "of/machine.h"

/* ---- world.c: the world as the engine sees it ------------------------------------------------ */

extern const struct forth_ops words_world;
/* The cursor to the beginning of a line. */
void words_fresh_line(void);
/* Somebody else has printed on it. */
void words_line_begun(void);
/* Did Ctrl-C ask a word in C that takes long to stop? Then return this. */
int words_poll(void);
/* Memory a program may touch until it is taken back, although it is not RAM of the map (on the host). */
void words_lend(const void *p, size_t len);
/* A block for programs, kept until words_release() or the end; NULL: no memory. */
void *words_block(size_t len) MUST_CHECK;
bool words_block_free(cell_t addr);
void words_world_reset(void);

/* ---- cells.c: between cells and C -------------------------------------------------------- */

/* Text for a person; lines end with \r\n. */
void words_printf(struct forth *f, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Address and length from the stack, as a copy the caller frees. 0 or a throw code. */
int words_pop_text(struct forth *f, char **out) MUST_CHECK;
/* The same in place, for bytes; len 0 gives some pointer. */
int words_pop_bytes(struct forth *f, const uint8_t **p, size_t *len) MUST_CHECK;
/* The same, given to fn and freed behind it. */
int words_with_text(struct forth *f, int (*fn)(struct forth *f, const char *text)) MUST_CHECK;
/* The same with the next word of the line. */
int words_with_name(struct forth *f, int (*fn)(struct forth *f, const char *name)) MUST_CHECK;
/* The next word of the line, or the rest of it, as a copy the caller frees; "" at the end. */
int words_parse_text(struct forth *f, char **out) MUST_CHECK;
int words_parse_line(struct forth *f, char **out) MUST_CHECK;
/* Push address and length of memory that stays for a while. */
void words_push_bytes(struct forth *f, const void *p, size_t len);
void words_push_str(struct forth *f, const char *text);
/* A throw for an E_ error, naming what it happened to. */
int words_fail(struct forth *f, const char *what, int err);
/* A node's path, freed by the caller; NULL: no memory. */
char *words_path_of(const struct dt_node *node);

/* ---- words.c, prompt.c -------------------------------------------------------------------- */

/* Throw away what a run that failed left above the depth it began with. */
void words_drop_to(struct forth *f, unsigned depth);
/* The client's service enter (of/evaluate.h). */
int words_enter(bool (*over)(void)) MUST_CHECK;
/* The prompt a client waits for ends behind this line. False: none does. */
bool words_prompt_leave(void);
void words_prompt_recover(void);

/* ---- package.c: the active package and methods in Forth ------------------------------------- */

/* The active package, NULL: none. */
struct dt_node *words_active(void);
void words_activate(struct forth *f, struct dt_node *node);
/* The same, thrown if there is none. */
int words_need_active(struct forth *f, struct dt_node **out) MUST_CHECK;
/* The current instance; NULL: none, or it was closed. */
struct instance *words_my_self(void);
uint32_t words_my_handle(void);
void words_set_my_self(uint32_t ihandle);
/* Call a method with the arguments on the Forth stack; its results come there. in may be NULL. */
int words_call(struct forth *f, const struct method *m, struct instance *in) MUST_CHECK;
/* The token of a node's method, 0 if it has none. */
cell_t words_method_token(struct forth *f, const struct dt_node *node, const char *name);
/* The engine's op: a word was defined in a list. */
void words_defined(void *ctx, uint32_t list, cell_t xt, const char *name);
void words_package_reset(void);
void words_encode_reset(void);
void words_device_reset(void);

/* instance-data.c: data every instance of a package has its own of */
struct instance_data {
	uint8_t *bytes;
	size_t len;
};
int instance_data_make(const struct dt_node *node, struct instance_data *data) MUST_CHECK;
/* The data of an instance of a package with methods in Forth, or NULL. (package.c) */
struct instance_data *words_instance_data(const struct instance *in);
int instance_words_init(struct forth *f) MUST_CHECK;
void instance_data_reset(void);

/* words-tree.c: an absolute path, an alias, "." and ".." of the active package, or a path below it */
struct dt_node *words_find_node(const char *path);
/* The node the next word names, if that is a path; else the active one; else the root. */
int words_parse_node(struct forth *f, struct dt_node **out) MUST_CHECK;
/* The same for whoever lists all below it: what is made lazily is there. */
int words_parse_branch(struct forth *f, struct dt_node **out) MUST_CHECK;

/* show.c */
int words_show_property(struct forth *f, const struct dt_node *node, const struct dt_prop *prop);

/* ---- the tables ------------------------------------------------------------------------- */

struct words_table {
	const struct forth_word *rows;
	size_t n;
};
extern const struct words_table words_tree, words_show, words_alias, words_property, words_encode,
	words_instance, words_instance_data_rows, words_device, words_env, words_nvramrc,
	words_boot, words_net, words_memory_map, words_debug, words_help, words_register,
	words_console, words_tests, words_nvram, words_bus_child, words_client;
int words_env_init(struct forth *f) MUST_CHECK;
/* nvramrc is about to get its default (nvramrc.c). */
void words_remember_nvramrc(void);
void words_nvramrc_reset(void);

#endif
