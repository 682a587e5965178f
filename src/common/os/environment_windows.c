/* SPDX-License-Identifier: ISC */
#include "os/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "windows_private.h"

#define LANGUAGE_BYTES 9

/* All variables, as "NAME=value", and NULL at the end. They stay until the process ends. */
static char **read_all(void)
{
    WCHAR *all = GetEnvironmentStringsW();
    size_t n = 0;
    for (const WCHAR *one = all; all && *one; one += wcslen(one) + 1)
        n++;
    char **texts = calloc(n + 1, sizeof *texts);
    if (texts) {
        const WCHAR *one = all;
        for (size_t i = 0; i < n && (texts[i] = os_windows_utf8(one)); i++)
            one += wcslen(one) + 1;
    }
    if (all)
        FreeEnvironmentStringsW(all);
    return texts;
}

/* Windows ignores the case of letters in the names of variables. */
const char *os_environment(const char *variable)
{
    static char **texts;
    size_t n = strlen(variable);
    if (!texts)
        texts = read_all();
    for (char **text = texts; text && *text; text++)
        if (_strnicmp(*text, variable, n) == 0 && (*text)[n] == '=')
            return *text + n + 1;
    return NULL;
}

const char *os_environment_language(void)
{
    static char name[LANGUAGE_BYTES];
    LCID user = MAKELCID(GetUserDefaultUILanguage(), SORT_DEFAULT);
    return GetLocaleInfoA(user, LOCALE_SISO639LANGNAME, name, sizeof name) > 0 ? name : NULL;
}

const char *os_environment_home(void)
{
    return os_environment("USERPROFILE");
}

/* One directory for all kinds. */
bool os_environment_dir(enum os_environment_dir kind, char path[OS_FILE_PATH_BYTES])
{
    const char *dir = os_environment("APPDATA");
    (void)kind;
    snprintf(path, OS_FILE_PATH_BYTES, "%s", dir ? dir : "APPDATA");
    for (char *c = path; *c; c++)
        *c = *c == '\\' ? '/' : *c;
    return dir;
}
