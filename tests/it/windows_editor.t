#!/bin/sh
# SPDX-License-Identifier: ISC
# windows_editor.t: the user's editor of pochta.exe, which cmd.exe runs, is a program for Windows
# (tests/windows/edit.c); the directories have names such as users have.
CLIENT=wine
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

edit=$B/windows/windows/edit.exe
[ -e "$edit" ] || { skip 'make windows-units has not been run' 'an editor'; done_testing; }
unset VISUAL EDITOR
mkdir "$T/an editor" "$T/Иван Петров"
cp "$edit" "$T/an editor/edit it.exe"
cp "$edit" "$T/an editor/notepad.exe"
named() { echo "Z:$1" | tr / '\\'; } # PATH: as programs for Windows name it
edit=$(named "$T/an editor/edit it.exe")

# Wine sets APPDATA itself, so cmd sets it once more.
DATA=$(named "$T/Иван Петров") CLIENT_PATH=$(named "$(readlink "$B/windows")/pochta.exe")
export DATA CLIENT_PATH
printf '@set APPDATA=%%DATA%%\r\n@"%%CLIENT_PATH%%" %%*\r\n' >"$T/client.bat"
ann() { # OPTION... COMMAND...
    (POCHTA_PASSWORD=secret && export POCHTA_PASSWORD &&
        exec_in_windows cmd /c "$(named "$T/client.bat")" --server "127.0.0.1:$PORT" --user ann "$@")
}
body() { ann read --raw "$1" </dev/null; }
left() { find "$T/Иван Петров/pochta/drafts" -mindepth 1 | wc -l; } # files of drafts

start_server --idle 600
register ann
# shellcheck disable=SC2089,SC2090 # a shell reads it
EDITOR="\"$edit\" --twice" && export EDITOR
printf 'piped\n' | ann send --edit ann
is "$? $(body 1)" '0 piped
from the editor
from the editor' 'send --edit: an editor with a space in its path, and an argument'
EDITOR="\"$edit\""
ann reply --edit 1 </dev/null
is "$? $(body 2 | tail -n 1)" '0 from the editor' 'reply --edit'
is "$(left)" 0 '... leaves nothing'
echo 'by copy' >"$T/an editor/new text"
EDITOR="copy /y \"$(named "$T/an editor/new text")\""
is "$(code ann send --edit ann) $(body 3)" '0 by copy' 'an editor that is a command of cmd'
EDITOR="\"$edit\" --once"
printf 'kept\n' | ann send --edit ann >"$T/out" 2>"$T/err"
is "$?" 74 'an editor that fails'
like "$(cat "$T/err")" '*cannot edit the message: *the command ended with exit code 9; the variable VISUAL or EDITOR names *' \
    '... the error says how it ended'
is "$(ann drafts show --raw 1 </dev/null)" kept '... and the message is a draft'
unset EDITOR
WINEPATH=$(named "$T/an editor") && export WINEPATH
is "$(cd "$T/an editor" && code ann drafts send 1) $(cd "$T/an editor" && code ann send --edit ann) $(body 5)" '0 0 from the editor' 'without VISUAL and EDITOR it is notepad'

done_testing
