#!/bin/sh
# SPDX-License-Identifier: ISC
# windows_russian.t: pochta.exe speaks the language of the user's Windows, unless LC_ALL, LC_MESSAGES or LANG
# says another one. Wine has that language from LC_ALL, and only of a locale that the system has.
CLIENT=wine
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

mkdir "$T/locales"
localedef -i ru_RU -f UTF-8 "$T/locales/ru_RU.UTF-8" >"$T/localedef" 2>&1
[ -s "$T/locales/ru_RU.UTF-8/LC_IDENTIFICATION" ] || { skip 'no Russian locale can be made here' 'the language'; done_testing; }
LOCPATH=$T/locales
export LOCPATH
unset LC_MESSAGES LANG

# A client that is told the language by its Windows only.
CLIENT_PATH=Z:$(readlink "$B/windows" | tr / '\\')\\pochta.exe
export CLIENT_PATH
printf '@set LC_ALL=\r\n@set LC_MESSAGES=\r\n@set LANG=%%TOLD%%\r\n@"%%CLIENT_PATH%%" %%*\r\n' >"$T/client.bat"
cat >"$T/told" <<END
#!/bin/sh
WINEPREFIX='$WINEPREFIX' && export WINEPREFIX
exec wine cmd /c '$(echo "Z:$T/client.bat" | tr / '\\')' "\$@"
END
chmod +x "$T/told"
error() { "$@" frobnicate </dev/null 2>&1; } # COMMAND...
in_russian='pochta: нет такой команды: frobnicate: см. pochta help'
in_english='pochta: no such command: frobnicate: see pochta help'

is "$(LC_ALL=ru_RU.UTF-8 error "$B/pochta")" "$in_russian" 'LC_ALL=ru_RU.UTF-8'
is "$(LC_ALL=ru_RU.UTF-8 error "$T/told")" "$in_russian" 'a Russian Windows'
is "$(LC_ALL=C.UTF-8 error "$T/told")" "$in_english" 'an English one'
is "$(TOLD=en_US && export TOLD && LC_ALL=ru_RU.UTF-8 error "$T/told")" "$in_english" 'LANG=en_US on a Russian Windows'

mkdir "$T/bin"
ln -s "$T/told" "$T/bin/pochta"
B=$T/bin
LC_ALL=ru_RU.UTF-8 start_menu
at 'Введите адрес почтового сервера, <узел>:<порт>:'
ok 'a Russian Windows: the menu' true
end_menu

done_testing
