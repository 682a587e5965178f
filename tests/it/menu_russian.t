#!/bin/sh
# SPDX-License-Identifier: ISC
# menu_russian.t: a letter in the menu in Russian. Questions take the letters of both languages.
# shellcheck source=tests/it/lib.sh
. "$(dirname "$0")/lib.sh"

PASSWORD=secret
# shellcheck source=tests/it/terminal.sh
. "$here/terminal.sh"

start_server --idle 600
register ann bob
LC_ALL=ru_RU.UTF-8 start_menu --server "127.0.0.1:$PORT" --user ann

choice='о - отправить, п - править, д - дописать, у - удалить, с - сохранить:'
item() { # NUMBER
    at 'Выберите пункт:'
    enter "$1"
}
# What is typed before the next question is asked may be lost on Windows.
lines='Введите письмо, можно в несколько строк. Строка из одной точки завершает его:'
write_letter() { # TEXT: up to the question at its end
    item 1
    at 'Новое письмо. Введите <имя получателя>:'
    enter bob
    at 'Тема (пусто: без темы):'
    enter ''
    wait_for 20 at_margin
    compose "$1"
    enter .
    at "$choice"
}
done_with() { # TEXT
    at "$1 Нажмите любую клавишу."
    key
}

item 4
at 'Вход. Введите <имя пользователя> [ann]:'
enter ''
at 'Введите <пароль>:'
enter "$PASSWORD"
done_with 'Вход выполнен.'

write_letter 'Привет!'
enter y
see 'Введите одну из этих букв.' 'a letter that stands for nothing is asked for again'
enter д
at "$lines"
compose 'И пока.'
enter .
at "$choice"
enter о
done_with 'Письмо отправлено.'
is "$(POCHTA_PASSWORD=secret "$B/pochta" --server "127.0.0.1:$PORT" --user bob read --raw 1)" 'Привет!
И пока.' 'Russian letters: more was written, and it was sent'

write_letter 'Not sent'
enter d
done_with 'Черновик удалён.'
write_letter 'Kept'
enter с
done_with 'Письмо сохранено: черновик 1.'
item 18
at 'Введите номер черновика или пустую строку, чтобы вернуться:'
enter 1
at "$choice"
enter s
done_with 'Письмо отправлено.'
like "$(as bob 'Status|0|')" '*Answer|6|Yes|2|1|*' 'letters of English count, too: discarded, and sent'

item 2
see 'Соединение с сервером закрыто.' 'the menu ends'
end_menu

exit_3="sh -c 'exit 3'"
[ "${CLIENT-}" != wine ] || exit_3='exit 3' # of cmd
LC_ALL=ru start_menu --server 127.0.0.1:1 --proxy-command "$exit_3"
see 'Не удалось соединиться с сервером: команда завершилась с кодом 3.' 'how a proxy command ended'
end_menu

# --- rows are broken at spaces ---

for term in "$TERM" dumb; do
    LC_ALL=ru terminal new-session -d -s menu -x 30 -y 40 env "TERM=$term" "$B/pochta" --server "127.0.0.1:$PORT"
    at 'Выберите пункт:'
    see 'Соединение с сервером' "TERM=$term: a message"
    see 'установлено.' '... is broken at a space'
    enter 3
    at 'пользователя>:'
    see 'Регистрация. Введите <имя' '... so is a question'
    terminal send-keys -t menu -l carl
    at 'пользователя>: carl'
    end_menu
done

# --- yes and no ---

LC_ALL=ru start_menu --server 127.0.0.1:1
at 'Соединиться снова? (д/н):'
enter q
see 'Введите д или н.' 'another answer is asked for again'
enter Д
wait_for 20 eval '[ "$(everything | grep -c "В соединении отказано")" = 2 ]'
ok 'yes in Russian tries again' [ "$(everything | grep -c 'В соединении отказано')" = 2 ]
at 'Соединиться снова? (д/н):'
enter Да
wait_for 20 eval '[ "$(everything | grep -c "В соединении отказано")" = 3 ]'
ok 'so does the word' [ "$(everything | grep -c 'В соединении отказано')" = 3 ]
at 'Соединиться снова? (д/н):'
enter дa
wait_for 20 eval '[ "$(everything | grep -c "Введите д или н")" = 2 ]'
ok 'a word that is not quite yes is asked for again' [ "$(everything | grep -c 'В соединении отказано')" = 3 ]
at 'Соединиться снова? (д/н):'
enter yes
wait_for 20 eval '[ "$(everything | grep -c "В соединении отказано")" = 4 ]'
ok 'yes in English tries again' [ "$(everything | grep -c 'В соединении отказано')" = 4 ]
at 'Соединиться снова? (д/н):'
enter n
see 'exit code 0' 'no in English ends the menu'
end_menu
LC_ALL=ru start_menu --server 127.0.0.1:1
at 'Соединиться снова? (д/н):'
enter нет
see 'exit code 0' 'the word no in Russian ends it'
done_testing
