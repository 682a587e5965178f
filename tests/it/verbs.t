#!/bin/sh
# SPDX-License-Identifier: ISC
# The verbs of pochta that take several messages, search, and the verbs for the account.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=tests/it/fake_server.sh
. "$here/fake_server.sh"

unset POCHTA_SERVER POCHTA_USER POCHTA_PROXY_COMMAND
POCHTA_PASSWORD=secret
export POCHTA_PASSWORD
start_server
register ann bob carl dora

client() { # NAME COMMAND...
    who=$1
    shift
    "$B/pochta" --server "127.0.0.1:$PORT" --user "$who" "$@"
}
bob() { client bob "$@"; }
fake() { POCHTA_UDP='' "$B/pochta" --server "$FAKE" --user bob "$@"; }
ids() { bob list | cut -f 1 | tr '\n' ' '; }
unread() { bob list | awk -F '\t' '$2 == "Unread" { printf "%s ", $1 }'; }

as ann 'Send mes|2|bob|one|' 'Send mes|2|bob|two|' 'Send mes|2|bob|three|' 'Send mes|2|bob|four|' \
    'Send mes|2|bob|five|' 'Send mes|2|bob|six|' 'Send mes|2|bob|seven|' 'Send mes|2|bob|eight|' >/dev/null

# --- ids ---

bob read 7,2-3 >"$T/out"
is "$?" 0 'read 7,2-3: exit code 0'
is "$(sed -n 's/^ID: //p; s/^$/-/p' "$T/out" | tr '\n' ' ')" '2 - 3 - 7 - ' '... in the order of the ids, set apart by blank lines'
is "$(unread)" '1 4 5 6 8 ' '... and they are read'
is "$(bob read --raw 1,2)" onetwo 'read --raw: the texts alone'
is "$(bob read unread | sed -n 's/^ID: //p' | tr '\n' ' ')" '4 5 6 8 ' 'read unread'
is "$(unread)" '' '... and none is left'
is "$(code bob read unread)$(cat "$T/out" "$T/err")" 1 'read unread: nothing is found: exit code 1, without words'
is "$(code bob mark-unread 2-4,6)" 0 'mark-unread: exit code 0'
is "$(unread)" '2 3 4 6 ' '... and these are unread'
is "$(code bob delete 1,unread)" 0 'delete 1,unread: exit code 0'
is "$(ids)" '5 7 8 ' '... and these are gone'
is "$(bob trash | cut -f 1,2 | tr '\t\n' ':,')" '1:Deleted,2:Deleted,3:Deleted,4:Deleted,6:Deleted,' 'trash: lists them'
is "$(code bob undelete 2-3,6)" 0 'undelete: exit code 0'
is "$(ids)" '2 3 5 6 7 8 ' '... and these are back'
is "$(code bob delete 4,7,8)" 65 'delete: one of three does not exist: exit code 65'
is "$(cat "$T/err")" 'pochta: 4: no such message' '... which it says'
is "$(ids)" '2 3 5 6 ' '... and the others are deleted'
is "$(bob take --raw 3-5)" threefive 'take 3-5'
is "$(ids)" '2 6 ' '... and they are gone'
is "$(code bob delete 30-40)$(cat "$T/err")" 1 'delete 30-40: nothing is found'
is "$(code bob undelete all)$(ids)" '01 2 3 4 5 6 7 8 ' 'undelete all'
is "$(bob take --raw all)" onetwothreefourfivesixseveneight 'take all'
is "$(code bob take all)$(code bob show)$(code bob list)$(code bob unread)$(code bob search x)" 10011 \
    'an empty mailbox: exit code 1, or 0 where all is listed'
for words in 'read 3,' 'take 9-7' 'delete ten' 'undelete 1;2' 'mark-unread -'; do
    # shellcheck disable=SC2086 # several words
    is "$(code bob $words)" 64 "$words: usage error"
    like "$(cat "$T/err")" 'pochta: * is not a message ID: *' '... with the rule'
done

# --- search ---

as ann 'Send mes|2|carl|The Meadow at noon|' 'Send mes|2|carl|nothing
but a meadow.|' >/dev/null
as dora 'Send mes|2|carl|Встретимся у ЁЛКИ|' 'Send mes|2|carl|a.b|' >/dev/null
found() { client carl search "$@" | cut -f 1 | tr '\n' ' '; } # PATTERN
is "$(found MEADOW)" '1 2 ' 'search: in all lines, whatever the case'
is "$(found 'встретимся у ёлки')" '3 ' 'search: Russian letters, too'
is "$(found dora)" '3 4 ' 'search: the sender'
is "$(found a.b)" '4 ' 'search: the text is no pattern'
is "$(client carl search noon)" "$(client carl list | head -n 1)" 'search: a line as that of list'
is "$(code client carl search 'no such text')$(cat "$T/out" "$T/err")" 1 'search: nothing is found: exit code 1, without words'
is "$(client carl list | cut -f 2 | sort -u)" Unread 'search: changes no state'
list='Answer|3|Yes|7^ann^2017-12-03T12:51:33Z^4^2^moo!^|8^ann^2017-12-03T12:51:33Z^4^2^moo!^|'
fake_server 'Answer|2|Yes|2|' 'Answer|1|Yes|' "$list" 'Answer|2|Noop|unknown command; Help lists all commands|'
is "$(code fake search moo)" 65 'search: the server cannot show messages without marking them'
is "$(cat "$T/err")" 'pochta: 7: this server does not know Peek mes' '... which it says'
is "$(sed -n 3,5p "$T/fake.log")" 'Show list|0|
Peek mes|1|7|' '... and nothing is marked'

# --- the account ---

echo new-secret >"$T/new"
echo 'no
' >"$T/wrong"
dora() { client dora "$@"; }
is "$(code setsid -w "$B/pochta" --server "127.0.0.1:$PORT" --user dora password)" 64 'password: without a new one, and no terminal'
is "$(code dora password --new-password-file "$T/none")" 66 'password: there is no such file'
is "$(code dora --password-file "$T/wrong" password --new-password-file "$T/new")" 77 'password: the old one is wrong'
is "$(code dora password --new-password-file "$T/new")" 0 'password: it is changed'
is "$(code dora list)" 77 '... the old one is no longer valid'
is "$(code dora --password-file "$T/new" list)" 0 '... and the new one is'
printf 'new-secret\nsecret\n' | dora --password-file - --new-password-file - password
is "$?" 0 'password: both from standard input, the old one first'
is "$(code dora list)" 0 '... which are used so'
is "$(code dora list --new-password-file "$T/new")$(code dora list --yes)" 6464 'options of other verbs: usage error'
is "$(code dora delete-account)" 64 'delete-account: without --yes, and no terminal'
is "$(code dora list)" 0 '... nothing is deleted'

# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"
export POCHTA_SERVER="127.0.0.1:$PORT" POCHTA_USER=dora
start_menu password
at 'Password of dora:'
enter secret
at 'New password of dora:'
enter third
at 'The same again:'
enter fourth
see 'the passwords are not the same' 'password: asks for the new one twice'
see 'exit code 65' '... exit code 65'
end_menu
start_menu password
at 'Password of dora:'
enter secret
at 'New password of dora:'
enter third
at 'The same again:'
enter third
see 'exit code 0' 'password: typed on a terminal'
ok '... and not shown' test "$(everything | grep -c third)" = 0
end_menu
question='This deletes the account dora and all its mail. Type its name to go on:'
start_menu delete-account
at 'Password of dora:'
enter third
at "$question"
enter y
see 'this is not the name: nothing was deleted' 'delete-account: takes no other answer than the name'
see 'exit code 64' '... exit code 64'
end_menu
start_menu delete-account
at 'Password of dora:'
enter third
at "$question"
enter dora
see 'exit code 0' 'delete-account: the name is typed'
end_menu
echo third >"$T/third"
is "$(code "$B/pochta" --password-file "$T/third" list)" 77 '... and the account is gone'
start_menu register
at 'Password of dora:'
enter fourth
at 'The same again:'
enter third
see 'the passwords are not the same' 'register: asks for the password twice'
see 'exit code 65' '... exit code 65'
end_menu
start_menu register
at 'Password of dora:'
enter third
at 'The same again:'
enter third
see 'exit code 0' 'register: typed on a terminal'
is "$(code "$B/pochta" --password-file "$T/third" list)" 0 '... and the account is there'
end_menu
start_menu register
see 'pochta: dora: this name is taken' 'register: a name that is taken is told'
see 'exit code 65' '... exit code 65'
is "$(screen | grep -c Password)" 0 '... before a password is asked for'
end_menu
is "$(POCHTA_PASSWORD=secret && export POCHTA_PASSWORD && code "$B/pochta" --user carl delete-account --yes)" 0 'delete-account --yes'
is "$(POCHTA_PASSWORD=secret && export POCHTA_PASSWORD && code "$B/pochta" --user carl list)" 77 '... deletes without a question'
stop_server
start_server --registration invite
start_menu --server "127.0.0.1:$PORT" --user eve register
see 'pochta: eve: registration here takes an invite' 'register: so is that an invite is needed'
is "$(screen | grep -c Password)" 0 '... before a password is asked for'
end_menu
stop_server
start_server --registration closed
start_menu --server "127.0.0.1:$PORT"
at 'Enter your option:'
enter 3
at 'You are about to register. Enter the <username>:'
enter eve
at 'User was not registered: registration is closed here. Press any key.'
ok 'the menu: register is refused before a password is asked for' [ "$(screen | grep -c '<password>')" = 0 ]
end_menu
done_testing
