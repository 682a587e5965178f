/* SPDX-License-Identifier: ISC */
#include "client/language.h"

#include <stdbool.h>
#include <string.h>

#include "client/catalogue.h"
#include "os/environment.h"

const struct catalogue_row *const catalogue[] = {
    catalogue_menu, catalogue_letters, catalogue_verbs, catalogue_options, catalogue_errors, NULL};

static enum language chosen = LANGUAGE_ENGLISH;

/* Whether an encoding is UTF-8, as "UTF-8" and "utf8" are. */
static bool is_utf8(const char *encoding)
{
    const char *want = "utf8";
    for (; *encoding && *encoding != '@'; encoding++)
        if (*encoding != '-' && (*encoding | 0x20) != *want++)
            return false;
    return !*want;
}

enum language language_of_locale(const char *name)
{
    if (!name || strncmp(name, "ru", 2) != 0 || strcspn(name, "_.@") != 2)
        return LANGUAGE_ENGLISH;
    const char *encoding = strchr(name, '.');
    return !encoding || is_utf8(encoding + 1) ? LANGUAGE_RUSSIAN : LANGUAGE_ENGLISH;
}

void language_choose(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    const char *name = NULL;
    for (size_t i = 0; i < sizeof variables / sizeof variables[0] && (!name || !*name); i++)
        name = os_environment(variables[i]);
    if (!name || !*name)
        name = os_environment_language();
    language_set(language_of_locale(name));
}

void language_set(enum language language)
{
    chosen = language;
}

enum language language_chosen(void)
{
    return chosen;
}

const char *language_text(const char *english)
{
    if (chosen == LANGUAGE_ENGLISH)
        return english;
    for (const struct catalogue_row *const *part = catalogue; *part; part++)
        for (const struct catalogue_row *row = *part; row->english; row++)
            if (strcmp(row->english, english) == 0)
                return row->russian;
    return english;
}
