/* SPDX-License-Identifier: ISC */
/*
 * replay: takes the place of libFuzzer, in a build with any compiler. Runs a target once on each
 * file of the directories that it is given, and prints how many files there were. If something that
 * must hold does not, it ends at once.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define INPUT_BYTES (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void run_file(const char *path)
{
    FILE *f = fopen(path, "re");
    uint8_t *all = malloc(INPUT_BYTES), *bytes = NULL;
    if (!f || !all) {
        perror(path);
        exit(2);
    }
    size_t n = fread(all, 1, INPUT_BYTES, f);
    fclose(f);
    bytes = malloc(n + 1); /* one byte more than the input has */
    if (!bytes)
        abort();
    memcpy(bytes, all, n);
    free(all);
    fprintf(stderr, "%s\n", path); /* if the target crashes, the last one did it */
    LLVMFuzzerTestOneInput(bytes, n);
    free(bytes);
}

static unsigned run_directory(const char *path)
{
    char name[4096];
    struct dirent **files;
    unsigned ran = 0;
    int n = scandir(path, &files, NULL, alphasort);
    if (n < 0) {
        perror(path);
        exit(2);
    }
    for (int i = 0; i < n; free(files[i++])) {
        if (files[i]->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, files[i]->d_name);
        run_file(name);
        ran++;
    }
    free(files);
    return ran;
}

int main(int argc, char **argv)
{
    unsigned ran = 0;
    for (int i = 1; i < argc; i++)
        ran += run_directory(argv[i]);
    printf("%u\n", ran);
    return ran > 0 ? 0 : 1;
}
