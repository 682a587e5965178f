# shellcheck shell=sh disable=SC2034,SC2154 # variables are shared with lib.sh
# SPDX-License-Identifier: ISC
# wine.sh: runs programs for Windows by wine. Each test has a Windows installation of its own: a directory, which
# wine calls a prefix, and the processes that belong to it. A test may include this file after lib.sh, whose
# functions then use pochta.exe as the client, or without lib.sh.

# Wine's own errors are shown, but no hint of Debian's about 32 bits, which only -all prevents.
WINEDEBUG=',-all,err+all,err-winediag,err-systray,err-ole' WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe=' # no .NET, no browser, no menu entries
export WINEDEBUG WINEDLLOVERRIDES
unset DISPLAY WAYLAND_DISPLAY

wine_is_there() { command -v wine >/dev/null && command -v wineserver >/dev/null; }

# A new installation takes 10 seconds and 700 MB; a copy of WINE_TEMPLATE, if that is set, one second and 2 MB.
# Its processes keep running, since they take longer to start than a program does; they must not keep the
# test's output open: what they say is in the file begin.log of the installation.
wine_begin() { # DIR: makes a Windows installation there, and sets WINEPREFIX
    WINEPREFIX=$1
    export WINEPREFIX
    if [ -n "${WINE_TEMPLATE-}" ]; then
        mkdir -p "$1/drive_c"
        cp -a "$WINE_TEMPLATE"/*.reg "$WINE_TEMPLATE/.update-timestamp" "$WINE_TEMPLATE/dosdevices" "$1/"
        cp -a "$WINE_TEMPLATE/drive_c/users" "$WINE_TEMPLATE/drive_c/ProgramData" "$1/drive_c/"
        ln -s "$WINE_TEMPLATE/drive_c/windows" "$1/drive_c/windows"
    fi
    mkdir -p "$1"
    for step in 'wineserver -p' wineboot; do
        $step </dev/null >>"$1/begin.log" 2>&1 && continue
        echo "# $step: exit code $?" >&2
        sed 's/^/# /' "$1/begin.log" >&2
        return 1
    done
}

wine_end() { # ends its processes, and removes a directory that Debian's wineserver would leave
    wineserver -k && wineserver -w
    [ ! -s "$WINEPREFIX/wineserver" ] || rm -rf "${TMPDIR:-/tmp}/$(cat "$WINEPREFIX/wineserver")"
}

# Wine passes on letters beyond ASCII in arguments and variables only if LC_CTYPE is UTF-8. So LC_ALL sets only
# the language here.
exec_in_windows() { # PROGRAM [ARGUMENT...]
    LC_CTYPE=C.UTF-8 LC_MESSAGES=${LC_ALL:-${LC_MESSAGES-}}
    export LC_CTYPE LC_MESSAGES
    unset LC_ALL
    exec wine "$@"
}

# Makes B a directory with the programs of $B, but with the client for Windows instead of the other client. The
# files that it keeps in %APPDATA%, a directory that always exists, are in $T/state. Ctrl-Z is a key, as on a
# console. Wine gives the user's rights to the group, too: others=007.
use_client_for_windows() {
    wine_is_there && [ -e "$B/windows/pochta.exe" ] || { skip 'no wine here, or no pochta.exe' 'under wine' && done_testing; }
    mkdir "$T/build" "$T/state"
    wine_begin "$T/wine" || { diag 'wine does not start' && exit 1; }
    profile=$WINEPREFIX/drive_c/users/$(id -un)/AppData
    rm -rf "$profile/Roaming" && ln -s "$T/state" "$profile/Roaming"
    XDG_CONFIG_HOME=$XDG_STATE_HOME XDG_DATA_HOME=$XDG_STATE_HOME
    others=007 named_state=C:/users/$(id -un)/AppData/Roaming odd='' colon=$(printf '\357\200\272') too_large='*'
    client_can_be_traced() { false; }
    linux_names() { # DIR: renames files: U+F000 and more become the characters that Windows refuses
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
