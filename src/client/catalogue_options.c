/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "client/catalogue.h"

const struct catalogue_row catalogue_options[] = {
    ROW("usage: pochta [OPTION]...   the menu\n"
        "       pochta [OPTION]... COMMAND [ARGUMENT]...\n",
        "Запуск: pochta [OPTION]...   меню\n"
        "        pochta [OPTION]... COMMAND [ARGUMENT]...\n"),
    ROW("Exit codes: 0 done, 1 nothing found, 64 wrong command line, 65 refused by the server, "
        "66 cannot read a file, 67 no such user, 69 server not reached, 70 out of memory, "
        "74 standard input or output failed, or cannot write a file, 75 try again, "
        "76 not a mail server, 77 wrong name or password, 78 wrong configuration file.\n",
        "Коды завершения: 0 выполнено, 1 ничего не найдено, 64 ошибка в командной строке, "
        "65 отказ сервера, 66 файл не читается, 67 нет такого пользователя, 69 сервер "
        "недоступен, 70 не хватает памяти, 74 ошибка ввода-вывода или записи в файл, "
        "75 попробуйте снова, 76 это не почтовый сервер, 77 неверное имя или пароль, "
        "78 ошибка в файле настроек.\n"),
    ROW("Options, which are also variables (POCHTA_PASSWORD_FILE) and keys of the file "
        "$XDG_CONFIG_HOME/pochta/config (password-file = FILE):\n",
        "Параметры; они же переменные (POCHTA_PASSWORD_FILE) и ключи файла "
        "$XDG_CONFIG_HOME/pochta/config (password-file = FILE):\n"),
    ROW("\n"
        "Other options:\n",
        "\n"
        "Другие параметры:\n"),
    ROW("; default: %s", "; по умолчанию: %s"),
    ROW("send standard input, and files with --attach, to users",
        "отправить стандартный ввод и файлы --attach"),
    ROW("letters that were not sent: list, print, send or discard them",
        "неотправленные письма: список, показ, отправка, удаление"),
    ROW("list all messages", "список всех писем"),
    ROW("print each message that arrives as list does, until killed",
        "показывать приходящие письма, как list"),
    ROW("print all messages in full", "показать все письма целиком"),
    ROW("print the unread messages in full", "показать непрочитанные письма целиком"),
    ROW("print messages; with --raw only their text, byte for byte",
        "показать письма; с --raw только текст, как есть"),
    ROW("print messages, then delete each once it is safely written out",
        "показать письма и удалить те, что записаны"),
    ROW("write the files of messages, or only part N, into DIR",
        "сохранить файлы писем или часть N в DIR"),
    ROW("delete messages; they stay in the trash for a time",
        "удалить письма; какое-то время они в корзине"),
    ROW("list the deleted messages that can be restored",
        "список удалённых писем, которые можно восстановить"),
    ROW("restore deleted messages", "восстановить удалённые письма"),
    ROW("mark messages as unread", "пометить письма непрочитанными"),
    ROW("list the messages that contain a text", "список писем, в которых есть текст"),
    ROW("answer a message: quote it, then add standard input",
        "ответить: цитата и стандартный ввод"),
    ROW("forward a message to another user", "переслать письмо другому пользователю"),
    ROW("copy messages to a Maildir or an mbox", "скопировать письма в Maildir или mbox"),
    ROW("copy the messages of a Maildir or an mbox", "скопировать письма из Maildir или mbox"),
    ROW("print how many messages and bytes the mailbox holds", "сколько в ящике писем и байтов"),
    ROW("create an account", "создать учётную запись"),
    ROW("change the password", "сменить пароль"),
    ROW("delete the account and its mail", "удалить учётную запись и её почту"),
    ROW("print this text", "показать этот текст"),
    ROW("print the version", "показать версию"),
    ROW("print the settings, and where each comes from",
        "показать настройки и откуда взята каждая"),
    ROW("the server; without it the menu asks", "сервер; без него меню спрашивает"),
    ROW("the user", "пользователь"),
    ROW("read the password from the first line of FILE (-: standard input); without it: "
        "POCHTA_PASSWORD, or ask on the terminal",
        "пароль в первой строке FILE (-: стандартный ввод); без него: POCHTA_PASSWORD или вопрос в "
        "терминале"),
    ROW("read the password from the first line that a shell command prints",
        "пароль в первой строке, которую печатает команда"),
    ROW("connect through the standard input and output of a shell command; %h and %p in it become "
        "the server's host and port",
        "соединение через стандартный ввод и вывод команды; %h и %p в ней означают узел и порт "
        "сервера"),
    ROW("use UDP instead of TCP", "UDP вместо TCP"),
    ROW("the largest datagram to send", "наибольшая отправляемая датаграмма"),
    ROW("the largest message to make with --attach, or to import",
        "наибольшее письмо для --attach и import"),
    ROW("how long to wait for a silent server", "сколько ждать, если сервер молчит"),
    ROW("the Maildir for copies of what was sent; no: none; without it: ~/.local/share/pochta/sent",
        "Maildir для копий отправленного; no: не нужны; без него: ~/.local/share/pochta/sent"),
    ROW("shows what is longer than the screen; without it: PAGER, or less",
        "показывает то, что длиннее экрана; без него: PAGER или less"),
    ROW("writes a message; without it: VISUAL or EDITOR",
        "редактор писем; без него: VISUAL или EDITOR"),
    ROW("with delete-account: do not ask", "для delete-account: не спрашивать"),
    ROW("with export and import: maildir or mbox", "для export и import: maildir или mbox"),
    ROW("with export: delete each message once it is safely in PATH",
        "для export: удалить письма, сохранённые в PATH"),
    ROW("with list, trash and search: write an object of JSON for each message, one a line",
        "для list, trash и search: каждое письмо строкой JSON"),
    ROW("with password: read the new password from the first line of FILE (-: standard input); "
        "default: ask on the terminal",
        "для password: новый пароль в первой строке FILE (-: стандартный ввод); по умолчанию: "
        "спросить"),
    ROW("with read, take and drafts show: write only the text, byte for byte",
        "для read, take и drafts show: только текст, как есть"),
    ROW("with register: read the invite from the first line of FILE (-: standard input); default: "
        "POCHTA_INVITE, or none",
        "для register: приглашение в первой строке FILE (-: стандартный ввод); по умолчанию: "
        "POCHTA_INVITE"),
    ROW("with send and reply: write the message in the editor",
        "для send и reply: писать в редакторе"),
    ROW("with send and reply: attach a file; may be given several times",
        "для send и reply: вложить файл; можно несколько раз"),
    ROW("with watch: run a shell command for each message instead of printing it; its environment "
        "has POCHTA_ID, POCHTA_FROM, POCHTA_SUBJECT, ...",
        "для watch: вместо показа выполнять команду; в её среде POCHTA_ID, POCHTA_FROM, "
        "POCHTA_SUBJECT и др."),
    ROW("%s: %s: see pochta --help", "%s: %s: см. pochta --help"),
    ROW("no such option", "такого параметра нет"),
    ROW("this option needs a value", "этому параметру нужно значение"),
    ROW("this option takes no value", "у этого параметра нет значения"),
    ROW("%s: \"%.*s\" is not %.*s", "%s: «%.*s» не подходит; нужно: %.*s"),
    ROW("%s: already set in line %u", "%s: уже задано в строке %u"),
    ROW("%s: the value contains \" #\"; a comment needs a line of its own",
        "%s: в значении есть « #»; комментарий пишется отдельной строкой"),
    ROW("unknown key \"%.*s\"; pochta --print-config lists all",
        "неизвестный ключ «%.*s»; все ключи показывает pochta --print-config"),
    ROW("%s: cannot read the file: %s", "%s: не удалось прочесть файл: %s"),
    ROW("not a regular file", "не обычный файл"),
    ROW("a path that begins with / or ~/", "путь, который начинается с / или ~/"),
    ROW("a path that begins with a drive, such as C:\\, or with ~/",
        "путь, который начинается с диска, например C:\\, или с ~/"),
    ROW("a proxy command: %s", "команда proxy-command: %s"),
    ROW("yes or no", "yes или no"),
    ROW("between %.*s and %.*s", "от %.*s до %.*s"),
    ROW("the variable %s", "переменная %s"),
    ROW("default", "по умолчанию"),
    ROW("option", "параметр"),
    ROW("none", "нет"),
    ROW("<host> or <host>:<port>, as in mail.example.org, 192.168.0.200:5555 or [::1]:5555",
        "<узел> или <узел>:<порт>, например mail.example.org, 192.168.0.200:5555 или [::1]:5555"),
    ROW("a percent sign must be followed by h (host), p (port) or another percent sign",
        "после знака процента должно стоять h (узел), p (порт) или ещё один знак процента"),
    ROW("in a proxy command a host has only letters, digits and . _ : -, and does not begin with -",
        "в proxy-command узел состоит из букв, цифр и . _ : - и не начинается с -"),
    ROW("Commands:", "Команды:"),
    ROW(NULL, NULL),
};
