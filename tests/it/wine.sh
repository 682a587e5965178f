# shellcheck shell=sh
# SPDX-License-Identifier: ISC
# wine.sh: programs for Windows, which wine runs, for each test in a Windows of its own: a directory, which
# wine calls a prefix, and the processes that belong to it. After lib.sh, which then uses pochta.exe as the
# client, or without it.

WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe=' # no .NET, no browser, no menu entries
export WINEDEBUG WINEDLLOVERRIDES
unset DISPLAY WAYLAND_DISPLAY

wine_is_there() { command -v wine >/dev/null && command -v wineserver >/dev/null; }

# To make one takes 10 seconds and 700 MB; to copy WINE_TEMPLATE, if that is set, one second and 2 MB. Its
# processes stay, since they take longer to start than a program does, and must not hold the test's output
# open.
wine_begin() { # DIR: makes a Windows there, and sets WINEPREFIX
    WINEPREFIX=$1
    export WINEPREFIX
    if [ -n "${WINE_TEMPLATE-}" ]; then
        mkdir -p "$1/drive_c"
        cp -a "$WINE_TEMPLATE"/*.reg "$WINE_TEMPLATE/.update-timestamp" "$WINE_TEMPLATE/dosdevices" "$1/"
        cp -a "$WINE_TEMPLATE/drive_c/users" "$WINE_TEMPLATE/drive_c/ProgramData" "$1/drive_c/"
        ln -s "$WINE_TEMPLATE/drive_c/windows" "$1/drive_c/windows"
    fi
    { mkdir -p "$1" && wineserver -p && wineboot; } </dev/null >/dev/null 2>&1
}

wine_end() { # ends its processes; Debian's wineserver would leave a directory
    wineserver -k && wineserver -w
    [ ! -s "$WINEPREFIX/wineserver" ] || rm -rf "${TMPDIR:-/tmp}/$(cat "$WINEPREFIX/wineserver")"
}

# Without UTF-8 wine would not pass on letters beyond ASCII in arguments and variables. Only the language
# comes from LC_ALL.
exec_in_windows() { # PROGRAM [ARGUMENT...]
    LC_CTYPE=C.UTF-8 LC_MESSAGES=${LC_ALL:-${LC_MESSAGES-}}
    export LC_CTYPE LC_MESSAGES
    unset LC_ALL
    exec wine "$@"
}

# The programs in $B, with the client for Windows in the place of the other one. What it keeps in its
# user's directory of applications, which is always there, is in $T/state. Ctrl-Z is a key, as on a console.
# Wine gives the rights of a user to the group, too.
use_client_for_windows() {
    wine_is_there && [ -e "$B/windows/pochta.exe" ] || { skip 'no wine here, or no pochta.exe' 'under wine' && done_testing; }
    mkdir "$T/build" "$T/state"
    wine_begin "$T/wine" || { diag 'wine does not start' && exit 1; }
    profile=$WINEPREFIX/drive_c/users/$(id -un)/AppData
    rm -rf "$profile/Roaming" && ln -s "$T/state" "$profile/Roaming"
    XDG_CONFIG_HOME=$XDG_STATE_HOME XDG_DATA_HOME=$XDG_STATE_HOME
    # shellcheck disable=SC2034
    others=007 named_state=C:/users/$(id -un)/AppData/Roaming odd='' colon=$(printf '\357\200\272') too_large='*'
    client_can_be_traced() { false; }
    linux_names() { # as win32 names have them: a character that is not allowed is U+F000 and more
        find "$1" -type f | perl -ne 'chomp; my $to = $_;
            $to =~ s/\xef([\x80\x81])([\x80-\xbf])/chr((ord($1) & 1) << 6 | ord($2) & 0x3f)/ge;
            rename $_, $to if $to ne $_'
    }
    ln -s "$B"/* "$T/build/"
    rm "$T/build/pochta"
    cat >"$T/build/pochta" <<END
#!/bin/sh
WINEPREFIX='$WINEPREFIX' && export WINEPREFIX
. '$(cd "$(dirname "$0")/../it" && pwd)/wine.sh'
[ ! -t 0 ] || stty susp undef
[ -e '$T/state' ] || mkdir '$T/state'
exec_in_windows '$B/windows/pochta.exe' "\$@"
END
    chmod +x "$T/build/pochta"
    B=$T/build
}
