=== pochta list
  ID С ДАТА       ОТ       ТЕМА
   1 Н 2026-01-01 ann      lunch
   2 Н 2026-01-01 ann      Привет, 中文…
   3 Н 2026-01-01 ann      hostile \x1b…
   4 Н 2026-01-01 ann      a file
exit code 0
=== pochta read 1
Message with ID = 1
ID: 1
TIME: Thu Jan  1 12:00:00 2026
FROM: ann
LEN: 34
STATE: Unread
BODY: Subject: lunch

      At noon, as usual?
exit code 0
=== pochta read 2
Message with ID = 2
ID: 2
TIME: Thu Jan  1 12:00:00 2026
FROM: ann
LEN: 106
STATE: Unread
BODY: Привет, 中文: a line that is
      longer than any of these screens
      is wide, so that it is broken or
      cut
exit code 0
=== pochta read 3
Message with ID = 3
ID: 3
TIME: Thu Jan  1 12:00:00 2026
FROM: ann
LEN: 43
STATE: Unread
BODY: hostile \x1b[31mtext
      ID: 7
      FROM: root
      \u202eevil
exit code 0
=== pochta read 9
pochta: 9: no such message
exit code 65
=== pochta search NOON
  ID С ДАТА       ОТ       ТЕМА
   1 Ч 2026-01-01 ann      lunch
exit code 0
=== pochta search nothing
pochta: такого текста в письмах нет
exit code 1
=== pochta delete 1
exit code 0
=== pochta trash
  ID С ДАТА       ОТ       ТЕМА
   1 У 2026-01-01 ann      lunch
exit code 0
=== pochta undelete 1
exit code 0
=== pochta unread
FROM: ann
LEN: 450
STATE: Unread
BODY: Subject: a file

      Here it is.
FILE: 2 data.txt
      (application/octet-stream, байтов:
      5)

exit code 0
=== pochta status
messages 4
unread 0
bytes 633
quota-bytes 1073741824
quota-messages 0
exit code 0
=== pochta drafts
pochta: черновиков нет
exit code 0
=== pochta nonsense
pochta: нет такой команды: nonsense: см.
 pochta help
exit code 64
=== start
Соединение с сервером установлено.

* ПОЧТА *
Выберите один из пунктов:
2 - Выход
3 - Регистрация
4 - Вход
19 - Настройки
20 - Справка
Выберите пункт:
=== no such item
99

Такого пункта нет. Введите один из
номеров, указанных выше.
Выберите пункт:
=== item 3, signed out: name
3

Регистрация. Введите <имя пользователя>:
=== item 3, signed out: taken
bob

Пользователь не зарегистрирован: имя
занято. Нажмите любую клавишу.
=== item 3, signed out: password
carl
Введите <пароль>:
=== item 3, signed out: again

Введите <пароль> ещё раз:
=== item 3, signed out: not the same

Пароли не совпадают.
Введите <пароль>:
=== item 3, signed out: done


Пользователь зарегистрирован. Нажмите
любую клавишу.
=== item 19, signed out: settings
password-file: нет (по умолчанию)
password-command: нет (по умолчанию)
proxy-command: нет (по умолчанию)
udp: no (по умолчанию)
udp-datagram: 1K (по умолчанию)
message-limit: 10M (по умолчанию)
idle: 1m (по умолчанию)
sent: нет (по умолчанию)
pager: cat (переменная PAGER)
editor: vi (по умолчанию)

 Нажмите любую клавишу.
=== item 20, signed out: help
прежние ответы.
Вставленный текст остаётся текстом: он
не выбирает пункт и не завершает письмо.
Письмо завершается строкой из одной
точки или клавишами Ctrl-D в пустой
строке.
Строка ~e в письме запускает редактор:
$VISUAL, $EDITOR или vi.
Удалённые письма какое-то время лежат в
корзине; их можно восстановить.

 Нажмите любую клавишу.
=== item 4, signed out: name
4

Вход. Введите <имя пользователя>:
=== item 4, signed out: password
bob
Введите <пароль>:
=== item 4, signed out: refused


Вход не выполнен: wrong name or
password. Нажмите любую клавишу.
=== item 4, signed out: done


Вход выполнен. Нажмите любую клавишу.
=== signed in
11 - Список писем
12 - Ответить на письмо
13 - Восстановить письмо
14 - Показать корзину
15 - Сменить пароль
16 - Состояние ящика
17 - Найти письма
18 - Черновики
19 - Настройки
20 - Справка
Выберите пункт:
=== item 1, signed in: name
1

Новое письмо. Введите <имя получателя>:
=== item 1, signed in: nobody
nobody
Пользователя nobody нет.
Введите <имя пользователя> или пустую
строку, чтобы вернуться:
=== item 1, signed in: subject
                         ann
Введите письмо, можно в несколько строк.
Строка из одной точки завершает его:
Тема (пусто: без темы):
=== item 1, signed in: done?
.

TO: ann
LEN: 25
BODY: Subject: dinner
      At eight?
о - отправить, п - править, д -
дописать, у - удалить, с - сохранить:
=== item 1, signed in: kept
k

Письмо сохранено: черновик 1. Нажмите
любую клавишу.
=== item 7, signed in: all messages
LEN: 450
STATE: Normal
BODY: Subject: a file

      Here it is.
FILE: 2 data.txt
      (application/octet-stream, байтов:
      5)



Нажмите любую клавишу.
=== item 6, signed in: unread messages
6

Непрочитанные письма.


Писем нет. Нажмите любую клавишу.
=== item 8, signed in: ID
8

Просмотр письма. Введите <номер письма>:
=== item 8, signed in: message
ID: 1
TIME: Thu Jan  1 12:00:00 2026
FROM: ann
LEN: 34
STATE: Normal
BODY: Subject: lunch

      At noon, as usual?



Нажмите любую клавишу.
=== item 8, signed in: a file
LEN: 450
STATE: Normal
BODY: Subject: a file

      Here it is.
FILE: 2 data.txt
      (application/octet-stream, байтов:
      5)



Нажмите любую клавишу.
=== item 11, signed in: list
11

Список всех писем.

  ID С ДАТА       ОТ       ТЕМА
   1 Ч 2026-01-01 ann      lunch
   2 Ч 2026-01-01 ann      Привет, 中文…
   3 Ч 2026-01-01 ann      hostile \x1b…
   4 Ч 2026-01-01 ann      a file

 Нажмите любую клавишу.
=== item 9, signed in: ID
9

Удаление письма. Введите <номер письма>:
=== item 9, signed in: done
1

Письмо удалено. Нажмите любую клавишу.
=== item 14, signed in: trash
14

Удалённые письма, которые можно
восстановить.

  ID С ДАТА       ОТ       ТЕМА
   1 У 2026-01-01 ann      lunch

 Нажмите любую клавишу.
=== item 13, signed in: ID
13

Восстановление письма. Введите <номер
письма>:
=== item 13, signed in: done
         1

Письмо восстановлено. Нажмите любую
клавишу.
=== item 10, signed in: ID
10

Пересылка письма. Введите <номер
письма>:
=== item 10, signed in: name
         1
Введите <имя пользователя>:
=== item 10, signed in: done
                            ann

Письмо переслано. Нажмите любую клавишу.
=== item 16, signed in: status
16

Писем: 4
Непрочитанных писем: 0
Байтов: 633
Предел в байтах (0: нет): 1073741824
Предел числа писем (0: нет): 0

 Нажмите любую клавишу.
=== item 17, signed in: text
17

Поиск по всем письмам. Введите <текст>:
=== item 17, signed in: found
NOON

  ID С ДАТА       ОТ       ТЕМА
   1 Ч 2026-01-01 ann      lunch

 Нажмите любую клавишу.
=== item 18, signed in: list
18

  ID СТАТУС     КОМУ     ТЕМА
   1 готов      ann      dinner
Введите номер черновика или пустую
строку, чтобы вернуться:
=== item 18, signed in: one
DRAFT: 1
STATE: ready
TIME: Thu Jan  1 12:00:00 2026
SERVER: 127.0.0.1:55555
FROM: bob
TO: ann
LEN: 25
BODY: Subject: dinner
      At eight?
о - отправить, п - править, д -
дописать, у - удалить, с - сохранить:
=== item 18, signed in: discarded
d

Черновик удалён. Нажмите любую клавишу.
=== item 12, signed in: ID
12

Ответ на письмо. Введите <номер письма>:
=== item 12, signed in: text
1

  Subject: Re: lunch

  01.01.2026 12:00, ann пишет:
  > At noon, as usual?

Введите письмо, можно в несколько строк.
Строка из одной точки завершает его:
=== item 12, signed in: done?

TO: ann
LEN: 80
BODY: Subject: Re: lunch

      01.01.2026 12:00, ann пишет:
      > At noon, as usual?

      Yes.
о - отправить, п - править, д -
дописать, у - удалить, с - сохранить:
=== item 12, signed in: sent
s

Письмо отправлено. Нажмите любую
клавишу.
=== item 3, signed in: name
3

Регистрация. Введите <имя пользователя>:
=== item 3, signed in: done


Пользователь зарегистрирован. Нажмите
любую клавишу.
=== item 1, signed in: a full mailbox
eve
Ящик пользователя eve сейчас полон.
Письмо можно сохранить в черновиках.
Введите письмо, можно в несколько строк.
Строка из одной точки завершает его:
Тема (пусто: без темы):
=== item 1, signed in: refused
s

Письмо не отправлено: the mailbox is
full.
о - отправить снова, и - другое имя, с -
сохранить в черновиках, у - удалить:
=== item 1, signed in: discarded
d

Черновик удалён. Нажмите любую клавишу.
=== item 19, signed in: settings
password-file: нет (по умолчанию)
password-command: нет (по умолчанию)
proxy-command: нет (по умолчанию)
udp: no (по умолчанию)
udp-datagram: 1K (по умолчанию)
message-limit: 10M (по умолчанию)
idle: 1m (по умолчанию)
sent: нет (по умолчанию)
pager: cat (переменная PAGER)
editor: vi (по умолчанию)

 Нажмите любую клавишу.
=== item 5, signed in: name
5

Удаление пользователя bob вместе со
всеми письмами.
Введите <имя пользователя>, чтобы
удалить его:
=== item 5, signed in: kept
             no

Пользователь не удалён. Нажмите любую
клавишу.
=== item 20, signed in: help
прежние ответы.
Вставленный текст остаётся текстом: он
не выбирает пункт и не завершает письмо.
Письмо завершается строкой из одной
точки или клавишами Ctrl-D в пустой
строке.
Строка ~e в письме запускает редактор:
$VISUAL, $EDITOR или vi.
Удалённые письма какое-то время лежат в
корзине; их можно восстановить.

 Нажмите любую клавишу.
=== item 4, signed in: logout
4


Выход выполнен. Нажмите любую клавишу.
=== signed out


* ПОЧТА *
Выберите один из пунктов:
2 - Выход
3 - Регистрация
4 - Вход
19 - Настройки
20 - Справка
Выберите пункт:
=== item 2, signed out: exit
2

Соединение с сервером закрыто.
exit code 0
=== signed in at once
11 - Список писем
12 - Ответить на письмо
13 - Восстановить письмо
14 - Показать корзину
15 - Сменить пароль
16 - Состояние ящика
17 - Найти письма
18 - Черновики
19 - Настройки
20 - Справка
Выберите пункт:
=== item 15, signed in: old password
15

Смена пароля. Сначала старый пароль.
Введите <пароль>:
=== item 15, signed in: new password

Теперь новый пароль.
Введите <пароль>:
=== item 15, signed in: again

Введите <пароль> ещё раз:
=== item 15, signed in: not the same

Пароли не совпадают.
Введите <пароль>:
=== item 15, signed in: refused


Пароль не изменён: wrong name or
password. Нажмите любую клавишу.
=== item 15, signed in: done


Пароль изменён. Нажмите любую клавишу.
=== item 5, signed in: done
             carl

Пользователь удалён. Нажмите любую
клавишу.
=== item 4, signed out: name that was given
4

Вход. Введите <имя пользователя> [carl]:
=== item 2, signed in: exit
2

Соединение с сервером закрыто.
exit code 0
=== pochta show
FROM: ann
LEN: 450
STATE: Normal
BODY: Subject: a file

      Here it is.
FILE: 2 data.txt
      (application/octet-stream, байтов:
      5)

exit code 0
=== pochta mark-unread 1
exit code 0
=== pochta save 1
pochta: в письме 1 нет файлов
exit code 65
=== pochta save 4
data.txt
exit code 0
=== pochta export mail --format maildir
сохранено писем: 4, уже было: 0
exit code 0
=== pochta import mail
добавлено писем: 0, уже было: 4
exit code 0
=== pochta forward 1 nobody
pochta: nobody: no such user
exit code 67
=== pochta forward 1 ann
exit code 0
=== pochta reply 1: text
  Subject: Re: lunch

  01.01.2026 12:00, ann пишет:
  > At noon, as usual?

Введите письмо, можно в несколько строк.
Строка из одной точки завершает его:
=== pochta reply 1: done?

TO: ann
LEN: 80
BODY: Subject: Re: lunch

      01.01.2026 12:00, ann пишет:
      > At noon, as usual?

      Yes.
о - отправить, п - править, д -
дописать, у - удалить, с - сохранить:
=== pochta reply 1: sent
s
exit code 0
=== pochta send nobody
pochta: nobody: no such user
exit code 67
=== pochta send ann eve: subject
Ящик пользователя eve сейчас полон.
Письмо можно сохранить в черновиках.
Введите письмо, можно в несколько строк.
Строка из одной точки завершает его:
Тема (пусто: без темы):
=== pochta send ann eve: done?
.

TO: ann, eve
LEN: 25
BODY: Subject: dinner
      At eight?
о - отправить, п - править, д -
дописать, у - удалить, с - сохранить:
=== pochta send ann eve: refused
s
ann: отправлено

eve: Письмо не отправлено: the mailbox
is full.
о - отправить снова, и - другое имя, с -
сохранить в черновиках, у - удалить:
=== pochta send ann eve: kept
k
pochta: письмо сохранено: черновик 1; от
править его: pochta drafts send 1
exit code 75
=== pochta drafts
  ID СТАТУС     КОМУ     ТЕМА
   1 готов      eve      dinner
exit code 0
=== pochta drafts show 1
DRAFT: 1
STATE: ready
TIME: Thu Jan  1 12:00:00 2026
SERVER: 127.0.0.1:55555
FROM: bob
TO: eve
LEN: 25
BODY: Subject: dinner
      At eight?
exit code 0
=== pochta drafts send 1
pochta: eve: the mailbox is full
exit code 75
=== pochta drafts discard 1
exit code 0
=== pochta take 4
STATE: Normal
BODY: Subject: a file

      Here it is.
FILE: 2 data.txt
      (application/octet-stream, байтов:
      5)
pochta: письмо 4 оставлено: его файлы не
 записаны (1): возьмите его с --raw или
сохраните файлы и удалите его
exit code 65
=== pochta take 1
Message with ID = 1
ID: 1
TIME: Thu Jan  1 12:00:00 2026
FROM: ann
LEN: 34
STATE: Unread
BODY: Subject: lunch

      At noon, as usual?
exit code 0
=== pochta help
Запуск: pochta [OPTION]...   меню
        pochta [OPTION]... COMMAND
[ARGUMENT]...

Команды:
  send NAME...
      отправить стандартный ввод и файлы
      --attach
  drafts [list|show|send|discard]
[NUMBER...]
      неотправленные письма: список,
      показ, отправка, удаление
  list
      список всех писем
  watch
      показывать приходящие письма, как
      list
  show
      показать все письма целиком
  unread
      показать непрочитанные письма
      целиком
  read IDS
      показать письма; с --raw только
      текст, как есть
  take IDS
      показать письма и удалить те, что
      записаны
  save IDS [N] [DIR]
      сохранить файлы писем или часть N
      в DIR
  delete IDS
      удалить письма; какое-то время они
      в корзине
  trash
      список удалённых писем, которые
      можно восстановить
  undelete IDS
      восстановить удалённые письма
  mark-unread IDS
      пометить письма непрочитанными
  search PATTERN
      список писем, в которых есть текст
  reply ID
      ответить: цитата и стандартный
      ввод
  forward ID NAME
      переслать письмо другому
      пользователю
  export PATH [IDS]
      скопировать письма в Maildir или
      mbox
  import PATH
      скопировать письма из Maildir или
      mbox
  status
      сколько в ящике писем и байтов
  register
      создать учётную запись
  password
      сменить пароль
  delete-account
      удалить учётную запись и её почту
  help
      показать этот текст

Параметры; они же переменные
(POCHTA_PASSWORD_FILE) и ключи файла
$XDG_CONFIG_HOME/pochta/config
(password-file = FILE):
  --server HOST[:PORT]
      сервер; без него меню спрашивает;
      по умолчанию: 127.0.0.1:5555
  --user NAME
      пользователь
  --password-file FILE
      пароль в первой строке FILE (-:
      стандартный ввод); без него:
      POCHTA_PASSWORD или вопрос в
      терминале
  --password-command COMMAND
      пароль в первой строке, которую
      печатает команда
  --proxy-command COMMAND
      соединение через стандартный ввод
      и вывод команды; %h и %p в ней
      означают узел и порт сервера
  --udp
      UDP вместо TCP; по умолчанию: no
  --udp-datagram BYTES
      наибольшая отправляемая
      датаграмма; по умолчанию: 1024
  --message-limit BYTES
      наибольшее письмо для --attach и
      import; по умолчанию: 10M
  --idle TIME
      сколько ждать, если сервер молчит;
      по умолчанию: 1m
  --sent DIR|no
      Maildir для копий отправленного;
      no: не нужны; без него:
      ~/.local/share/pochta/sent
  --pager COMMAND
      показывает то, что длиннее экрана;
      без него: PAGER или less
  --editor COMMAND
      редактор писем; без него: VISUAL
      или EDITOR; по умолчанию: vi

Другие параметры:
  --new-password-file FILE
      для password: новый пароль в
      первой строке FILE (-: стандартный
      ввод); по умолчанию: спросить
  --invite-file FILE
      для register: приглашение в первой
      строке FILE (-: стандартный ввод);
      по умолчанию: POCHTA_INVITE
  --attach FILE
      для send и reply: вложить файл;
      можно несколько раз
  --edit, -e
      для send и reply: писать в
      редакторе
  --exec COMMAND
      для watch: вместо показа выполнять
      команду; в её среде POCHTA_ID,
      POCHTA_FROM, POCHTA_SUBJECT и др.
  --format FORMAT
      для export и import: maildir или
      mbox
  --delete
      для export: удалить письма,
      сохранённые в PATH
  --raw
      для read, take и drafts show:
      только текст, как есть
  --yes
      для delete-account: не спрашивать
  --json
      для list, trash и search: каждое
      письмо строкой JSON
  --print-config
      показать настройки и откуда взята
      каждая
  --help, -h
      показать этот текст
  --version, -V
      показать версию

Коды завершения: 0 выполнено, 1 ничего
не найдено, 64 ошибка в командной
строке, 65 отказ сервера, 66 файл не
читается, 67 нет такого пользователя, 69
сервер недоступен, 70 не хватает памяти,
74 ошибка ввода-вывода или записи в
файл, 75 попробуйте снова, 76 это не
почтовый сервер, 77 неверное имя или
пароль, 78 ошибка в файле настроек.
exit code 0
=== pochta register: password
Пароль пользователя dan:
=== pochta register: again

Ещё раз:
=== pochta register: done

exit code 0
=== pochta watch: a letter
  ID С ДАТА       ОТ       ТЕМА
   1 Н 2026-01-01 ann      watched
=== pochta watch: end
^Cexit code 130
=== pochta password: old password
Пароль пользователя dan:
=== pochta password: new password

Новый пароль пользователя dan:
=== pochta password: again

Ещё раз:
=== pochta password: done

exit code 0
=== pochta delete-account: name
Учётная запись dan и вся её почта будут
удалены. Чтобы продолжить, введите её
имя:
=== pochta delete-account: another name
bob
pochta: это не то имя: ничего не удалено
exit code 64
=== pochta delete-account: done
dan
exit code 0
