# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# Completion of pochta, pochtactl and pochtad for bash. Every word is asked of the program: its
# commands, options and their values of --help, users of "pochtactl user list" for who may see them.

_pochta_options() { # HELP
    sed -n 's/^  \(--[a-z-]*\), \(--[a-z-]*\)$/\1\n\2/p; t; s/^  \(--[a-z-]*\).*/\1/p' <<<"$1"
}

_pochta_value() { # HELP OPTION: what its value is called; nothing where it takes none
    sed -n "s/^  $2 \([A-Z][A-Z:]*\).*/\1/p; s/^  $2\$/VALUE/p" <<<"$1"
}

_pochta_commands() { # HELP: one a line
    sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p; s/^  \([a-z][a-z-]* [a-z][a-z-]*\)  .*/\1/p' <<<"$1"
}

_pochta_arguments() { # HELP COMMAND
    sed -n "s/^  $2  *\([^ ].*\)/\1/p" <<<"$1"
}

# What can stand behind the words of a command that are there already.
_pochta_words() { # PROGRAM HELP STORE WORD...
    local program=$1 help=$2 store=$3 commands
    shift 3
    commands=$(_pochta_commands "$help")
    case $# in
    0) sed 's/ .*//' <<<"$commands" ;;
    1)
        sed -n "s/^${1//[^a-z-]/} //p" <<<"$commands"
        [[ $(_pochta_arguments "$help" "${1//[^a-z-]/}") != IDS* ]] || printf '%s\n' all unread
        ;;
    esac
    # The arguments are words in capitals; the first may be a user.
    if [[ ${program##*/} == pochtactl && $# -gt 0 ]] &&
        [[ $(_pochta_arguments "$help" "${*//[^a-z -]/}") == ?(\[)NAME* ]]; then
        timeout 2 "$program" ${store:+--store "$store"} user list 2>/dev/null </dev/null | cut -f 1
    fi
}

_pochta() {
    local program=${COMP_WORDS[0]} current=${COMP_WORDS[COMP_CWORD]}
    local help option='' store='' word words=() list
    COMPREPLY=()
    help=$(timeout 2 "$program" --help 2>/dev/null </dev/null) || return 0
    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if [[ $word == = ]]; then
            continue
        elif [[ -n $option ]]; then
            [[ $option != --store ]] || store=$word
            option=''
        elif [[ $word == --* ]]; then
            [[ -z $(_pochta_value "$help" "${word//[^a-z-]/}") ]] || option=${word//[^a-z-]/}
        else
            words+=("$word")
        fi
    done
    [[ $current != = ]] || current=''
    case ${option:+$(_pochta_value "$help" "$option")}$current in
    FILE*) mapfile -t COMPREPLY < <(compgen -f -- "$current") && compopt -o filenames 2>/dev/null ;;
    DIR*) mapfile -t COMPREPLY < <(compgen -d -- "$current") && compopt -o filenames 2>/dev/null ;;
    [A-Z]*) ;;
    -*) mapfile -t COMPREPLY < <(compgen -W "$(_pochta_options "$help")" -- "$current") ;;
    *)
        list=$(_pochta_words "$program" "$help" "$store" "${words[@]}")
        mapfile -t COMPREPLY < <(compgen -W "$(sort -u <<<"$list")" -- "$current")
        ;;
    esac
    return 0
}

complete -F _pochta pochta pochtactl pochtad
