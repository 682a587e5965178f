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
BODY: Привет, 中文: a line that is longe
      r than any of these screens is wid
      e, so that it is broken or cut
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
TIME: Thu Jan  1 12:00:00 2026
FROM: ann
LEN: 450
STATE: Unread
BODY: Subject: a file

      Here it is.
FILE: 2 data.txt (application/octet-stre
      am, байтов: 5)

exit code 0
=== pochta status
messages 4
unread 0
bytes 633
quota-bytes 1073741824
quota-messages 0
exit code 0
=== pochta drafts
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
=== register
3

Регистрация. Введите <имя пользователя>:
=== register: password
carl
Введите <пароль>:
=== login
4

Вход. Введите <имя пользователя>:
=== login: password
bob
Введите <пароль>:
=== login: refused


Вход не выполнен: wrong name or
password. Нажмите любую клавишу.
=== login: done


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
=== no such item
99

Такого пункта нет. Введите один из
номеров, указанных выше.
Выберите пункт:
=== send
1

Новое письмо. Введите <имя получателя>:
=== send: nobody
nobody
Пользователя nobody нет.
Введите <имя пользователя> или пустую
строку, чтобы вернуться:
=== send: subject
                         ann
Введите письмо, можно в несколько строк.
 Строка из одной точки завершает его:
Тема (пусто: без темы):
=== send: done?
.

TO: ann
LEN: 25
BODY: Subject: dinner
      At eight?
о - отправить, п - править, д -
дописать, у - удалить, с - сохранить:
=== send: kept
k

Письмо сохранено: черновик 1. Нажмите лю
бую клавишу.
=== all messages
FROM: ann
LEN: 450
STATE: Normal
BODY: Subject: a file

      Here it is.
FILE: 2 data.txt (application/octet-stre
      am, байтов: 5)



Нажмите любую клавишу.
=== unread messages
6

Непрочитанные письма.

Писем нет.



Нажмите любую клавишу.
=== exact
8

Просмотр письма. Введите <номер письма>:
=== exact: message
ID: 1
TIME: Thu Jan  1 12:00:00 2026
FROM: ann
LEN: 34
STATE: Normal
BODY: Subject: lunch

      At noon, as usual?



Нажмите любую клавишу.
=== list
11

Список всех писем.

  ID С ДАТА       ОТ       ТЕМА
   1 Ч 2026-01-01 ann      lunch
   2 Ч 2026-01-01 ann      Привет, 中文…
   3 Ч 2026-01-01 ann      hostile \x1b…
   4 Ч 2026-01-01 ann      a file

 Нажмите любую клавишу.
=== delete
9

Удаление письма. Введите <номер письма>:
=== delete: done
1

Письмо удалено. Нажмите любую клавишу.
=== trash
14

Удалённые письма, которые можно
восстановить.

  ID С ДАТА       ОТ       ТЕМА
   1 У 2026-01-01 ann      lunch

 Нажмите любую клавишу.
=== restore
13

Восстановление письма. Введите <номер
письма>:
=== restore: done
         1

Письмо восстановлено. Нажмите любую
клавишу.
=== resend
10

Пересылка письма. Введите <номер
письма>:
=== resend: to
         1
Введите <имя пользователя>:
=== resend: done
                            ann

Письмо переслано. Нажмите любую клавишу.
=== status
16

Писем: 4
Непрочитанных писем: 0
Байтов: 633
Байтов не больше (0: без ограничения):
1073741824
Писем не больше (0: без ограничения): 0

 Нажмите любую клавишу.
=== search
17

Поиск по всем письмам. Введите <текст>:
=== search: found
NOON

  ID С ДАТА       ОТ       ТЕМА
   1 Ч 2026-01-01 ann      lunch

 Нажмите любую клавишу.
=== drafts
18

1       ready   25      Thu Jan  1 12:00
:00 2026        ann     Subject: dinner
Введите номер черновика или пустую
строку, чтобы вернуться:
=== drafts: one
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
=== drafts: discarded
d

Черновик удалён. Нажмите любую клавишу.
=== reply
12

Ответ на письмо. Введите <номер письма>:
=== reply: text
1

  Subject: Re: lunch

  Thu Jan  1 12:00:00 2026 ann пишет:
  > At noon, as usual?

Введите письмо, можно в несколько строк.
 Строка из одной точки завершает его:
=== reply: done?
TO: ann
LEN: 87
BODY: Subject: Re: lunch

      Thu Jan  1 12:00:00 2026 ann пишет
      :
      > At noon, as usual?

      Yes.
о - отправить, п - править, д -
дописать, у - удалить, с - сохранить:
=== reply: sent
s

Письмо отправлено. Нажмите любую
клавишу.
=== password
15

Смена пароля. Сначала старый пароль.
Введите <пароль>:
=== settings
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
=== a file
FROM: ann
LEN: 450
STATE: Normal
BODY: Subject: a file

      Here it is.
FILE: 2 data.txt (application/octet-stre
      am, байтов: 5)



Нажмите любую клавишу.
=== delete account
5

Удаление пользователя bob вместе со
всеми письмами.
Введите <имя пользователя>, чтобы
удалить его:
=== delete account: no
             no

Пользователь не удалён. Нажмите любую
клавишу.
=== help
прежние ответы.
Вставленный текст остаётся текстом: он
не выбирает пункт и не завершает письмо.
Письмо завершается строкой из одной
точки
или клавишами Ctrl-D в пустой строке.
Строка ~e в письме запускает редактор:
$VISUAL, $EDITOR или vi.
Удалённые письма какое-то время лежат в
корзине; их можно восстановить.

 Нажмите любую клавишу.
=== logout
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
=== exit
2

Соединение с сервером закрыто.
exit code 0
