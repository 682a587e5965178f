/* SPDX-License-Identifier: ISC */
/*
 * os_environment: environment variables, and the language and directories that the user has set for
 * all programs. Returned texts are UTF-8 and stay valid. For one thread.
 */
#ifndef OS_ENVIRONMENT_H
#define OS_ENVIRONMENT_H

#include <stdbool.h>

#include "os/file.h"

/* The value of a variable, or NULL if it is not set. */
const char *os_environment(const char *variable);

/*
 * The language that the system has for this user, such as "ru"; NULL if the system sets it only by
 * variables.
 */
const char *os_environment_language(void);

/* The user's home directory, for which ~/ stands, or NULL if it is not known. */
const char *os_environment_home(void);

enum os_environment_dir { OS_ENVIRONMENT_CONFIG, OS_ENVIRONMENT_STATE, OS_ENVIRONMENT_DATA };

/*
 * Sets path to the directory in which this user's programs keep files of this kind:
 * $XDG_CONFIG_HOME, $XDG_STATE_HOME or $XDG_DATA_HOME or, if that is not set to an absolute path, a
 * directory in $HOME; on Windows always %APPDATA%. False: the directory is not known, and path is
 * the name of the variable that should be set to an absolute path.
 */
bool os_environment_dir(enum os_environment_dir kind, char path[OS_FILE_PATH_BYTES]);

#endif
