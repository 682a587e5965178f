/* SPDX-License-Identifier: ISC */
/*
 * edit [--twice] FILE: an editor, which adds a line to a file that is there, or the same line
 * twice. What else stands in its arguments is a mistake: exit code 9.
 */
#include <stdio.h>
#include <wchar.h>

int wmain(int argc, wchar_t **argv);

int wmain(int argc, wchar_t **argv)
{
    int times = argc == 3 && wcscmp(argv[1], L"--twice") == 0 ? 2 : 1;
    if (argc != times + 1)
        return 9;
    FILE *f = _wfopen(argv[times], L"r+b");
    if (!f)
        return 1;
    fseek(f, 0, SEEK_END);
    for (int i = 0; i < times; i++)
        fputs("from the editor\n", f);
    return fclose(f) == 0 ? 0 : 1;
}
