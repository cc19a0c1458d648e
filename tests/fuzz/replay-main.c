/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a fuzz target over every file of a folder, with any compiler: findings stay found. Prints TAP.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	size_t size = 0, room = 0, n;

	if (!f)
		return -1;
	do {
		if (size == room) {
			room = room ? room * 2 : 65536;
			data = realloc(data, room);
			if (!data)
				abort();
		}
		n = fread(data + size, 1, room - size, f);
		size += n;
	} while (n > 0);
	fclose(f);
	data = realloc(data, size ? size : 1); /* exact size, so that ASan sees reads past it */
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 0;
}

int main(int argc, char **argv)
{
	struct dirent **entry;
	int n, ran = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	n = scandir(argv[1], &entry, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char path[4096];

		if (entry[i]->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry[i]->d_name);
		if (replay(path)) {
			printf("not ok %d - %s cannot be read\n", ++ran, path);
			return 1;
		}
		printf("ok %d - %s\n", ++ran, entry[i]->d_name);
		fflush(stdout);
	}
	for (int i = 0; i < n; i++)
		free(entry[i]);
	if (n >= 0)
		free(entry);
	printf("1..%d\n", ran);
	return ran ? 0 : 1;
}
