/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boot, as a table of contents. Each phase says what is true after it; the runner times and names
 * them, and a phase that fails ends the boot with its name.
 */
#define LOG_TAG "boot"
#include "board.h"

#include "cpu.h"
#include "memmap.h"
#include "mmio.h"
#include "rtas.h"

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/trace.h"
#include "dt/fdt.h"
#include "dt/path.h"
#include "dt/prop.h"
#include "of/boot.h"
#include "of/env.h"
#include "of/machine.h"
#include "words/words.h"

void board_main(const void *fdt, uint64_t image_base) NORETURN;

static const void *start_fdt;

static void log_sink(const char *line, size_t len)
{
	condev_write(vty_early(), line, len);
}

/*
 * The first vty answers to unit 0 before anything is known of it, so there is a console before
 * there is memory. A machine without one stays silent; the log's ring works everywhere.
 */
static int phase_console(void)
{
	of_set_early_console(vty_early());
	log_set_sink(log_sink);
	board_banner();
	return 0;
}

/* Who owns what; from here on the heap and claim work. The tree is still QEMU's blob. */
static int phase_memory(void)
{
	log_debug("image at %llx, tree at %llx", (unsigned long long)board_image_base(),
		  (unsigned long long)(uintptr_t)start_fdt);
	return board_memory_init(start_fdt);
}

/* The blob becomes the live tree and is not read again; its memory and all other RAM become free. */
static int phase_tree(void)
{
	const struct dt_node *cpus;
	int err = dt_from_fdt(of_tree(), start_fdt);

	if (err)
		return err;
	board_memory_drop_fdt();
	board_memory_add_nodes();
	cpus = dt_path_find(of_tree(), "/cpus");
	if (cpus && cpus->child)
		board_clock_set_frequency(
			dt_prop_u32_or(cpus->child, "timebase-frequency", 512000000));
	board_random_init();
	return 0;
}

/*
 * RTAS calls work, and the environment is what NVRAM says: the user's wish for a chatty boot is known
 * before PCI is walked.
 */
static int phase_env(void)
{
	env_init(nvram_device());
	if (env_get_flag("diag-switch?"))
		log_set_serial_level(LOG_INFO);
	return 0;
}

/* Drivers are bound to nodes; no hardware is touched. */
static int phase_bind(void)
{
	board_bind_drivers();
	return 0;
}

/* Every BAR is in a window, every PCI node complete. A bridge that fails is left out, not the boot. */
static int phase_pci(void)
{
	phb_probe_all();
	return 0;
}

/* The tree is what clients expect; stdin and stdout are open. */
static int phase_chosen(void)
{
	of_standard_nodes();
	of_open_console("hvterm");
	return 0;
}

/* Forth can be asked for; its dictionary is made when it is. The user's own script has run. */
static int phase_forth(void)
{
	int err = board_forth_init();

	if (!err)
		words_run_nvramrc();
	if (!err)
		board_probe_roms();
	return err;
}

/* What the host and the user want runs. Comes back when nothing did, or a person takes over. */
static int phase_boot(void)
{
	of_boot_automatic();
	return 0;
}

static const struct phase {
	const char *name;
	int (*run)(void);
} phases[] = {
	{"console", phase_console}, {"memory", phase_memory}, {"tree", phase_tree},
	{"env", phase_env},         {"bind", phase_bind},     {"pci", phase_pci},
	{"chosen", phase_chosen},   {"forth", phase_forth},   {"boot", phase_boot},
};

static void run_phases(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(phases); i++) {
		uint64_t from = clock_us();
		unsigned place = trace_add(TRACE_PHASE, phases[i].name, 0, 0, 0, 0);
		int err = phases[i].run();

		trace_result(place, err);
		log_debug("phase %s: %u us", phases[i].name, (unsigned)(clock_us() - from));
		if (err) {
			log_err("phase %s failed: %s; the boot ends here", phases[i].name,
				err_text(err));
			return;
		}
		board_memory_guard_check();
	}
}

static const struct platform platform = {
	.version = board_version,
	.power_off = rtas_power_off,
	.reboot = rtas_reboot,
	.start_cpu = board_start_cpu,
	.client_exit = board_client_exit,
	.client_run = board_client_run,
	.client_chain = board_client_chain,
	.client_callback = board_client_callback,
	.client_is_gone = board_client_is_gone,
	.code_written = cpu_flush_code,
	.quiesce = board_quiesce,
	.is_vital = board_memory_is_vital,
	.idle = board_idle,
	.io_read = mmio_read,
	.io_write = mmio_write,
};

void board_main(const void *fdt, uint64_t image_base)
{
	board_clock_init();
	board_memory_start(image_base);
	board_exceptions_init();
	start_fdt = fdt;
	of_init(&platform);
	run_phases();
	board_ready();
}
