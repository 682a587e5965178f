/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stddef.h>

#include "client/catalogue.h"

const struct catalogue_row catalogue_menu[] = {
    ROW("Send message", "Написать письмо"),
    ROW("Exit", "Выход"),
    ROW("Register", "Регистрация"),
    ROW("Login", "Вход"),
    ROW("Logout", "Выход из учётной записи"),
    ROW("Delete user", "Удалить пользователя"),
    ROW("Show unread messages", "Показать непрочитанные письма"),
    ROW("Show all messages", "Показать все письма"),
    ROW("Show the exact message", "Показать письмо по номеру"),
    ROW("Delete message", "Удалить письмо"),
    ROW("Resend message", "Переслать письмо"),
    ROW("List messages", "Список писем"),
    ROW("Reply to message", "Ответить на письмо"),
    ROW("Restore message", "Восстановить письмо"),
    ROW("Show trash", "Показать корзину"),
    ROW("Change password", "Сменить пароль"),
    ROW("Show status", "Состояние ящика"),
    ROW("Search messages", "Найти письма"),
    ROW("Drafts", "Черновики"),
    ROW("Settings", "Настройки"),
    ROW("Help", "Справка"),
    ROW("Enter your option:\n", "Выберите пункт:\n"),
    ROW("There is no such item. Enter one of the numbers above.\n",
        "Такого пункта нет. Введите один из номеров, указанных выше.\n"),
    ROW("* MAIL *\n"
        "Select the following items:",
        "* ПОЧТА *\n"
        "Выберите один из пунктов:"),
    ROW(" Press any key.", " Нажмите любую клавишу."),
    ROW(". Press any key.", ". Нажмите любую клавишу."),
    ROW("\n"
        "\n"
        "Press any key.",
        "\n"
        "\n"
        "Нажмите любую клавишу."),
    ROW("New mail from ", "Новое письмо от "),
    ROW("... and %u more\n", "... и ещё %u\n"),
    ROW("Connected to server successfully.\n", "Соединение с сервером установлено.\n"),
    ROW("Could not connect to server: ", "Не удалось соединиться с сервером: "),
    ROW("Connect again? (y/n): ", "Соединиться снова? (д/н): "),
    ROW("\n"
        "Disconnected from server: ",
        "\n"
        "Соединение с сервером закрыто: "),
    ROW("Disconnected from server successfully.", "Соединение с сервером закрыто."),
    ROW("Enter <host>:<port> of Mail Server: ", "Введите адрес почтового сервера, <узел>:<порт>: "),
    ROW("This is not a server: %s.\n", "Это не адрес сервера: %s.\n"),
    ROW("Messages were not listed", "Список писем не показан"),
    ROW("There are no messages.", "Писем нет."),
    ROW("Listing all messages.", "Список всех писем."),
    ROW("Listing the deleted messages that can be restored.",
        "Удалённые письма, которые можно восстановить."),
    ROW("You are about to restore a message. Enter the <message ID>: ",
        "Восстановление письма. Введите <номер письма>: "),
    ROW("Message restored successfully.", "Письмо восстановлено."),
    ROW("Message was not restored", "Письмо не восстановлено"),
    ROW("Messages", "Писем"),
    ROW("Unread messages", "Непрочитанных писем"),
    ROW("Bytes", "Байтов"),
    ROW("Most bytes (0: no limit)", "Предел в байтах (0: нет)"),
    ROW("Most messages (0: no limit)", "Предел числа писем (0: нет)"),
    ROW("The status was not shown", "Состояние ящика не показано"),
    ROW("Messages were not shown", "Письма не показаны"),
    ROW("Message with ID = %" PRIu64 " was not shown: %.*s.\n\n",
        "Письмо номер %" PRIu64 " не показано: %.*s.\n\n"),
    ROW("Showing unread messages.", "Непрочитанные письма."),
    ROW("Showing all messages.", "Все письма."),
    ROW("Showing the exact message.\n"
        "\n",
        "Письмо.\n"
        "\n"),
    ROW("You are about to see a message. Enter the <message ID>: ",
        "Просмотр письма. Введите <номер письма>: "),
    ROW("You are about to delete a message. Enter the <message ID>: ",
        "Удаление письма. Введите <номер письма>: "),
    ROW("Message deleted successfully.", "Письмо удалено."),
    ROW("Message was not deleted", "Письмо не удалено"),
    ROW("Enter the <password>: ", "Введите <пароль>: "),
    ROW("Enter the <password> again: ", "Введите <пароль> ещё раз: "),
    ROW("The passwords are not the same.", "Пароли не совпадают."),
    ROW("Enter the <invite>: ", "Введите <приглашение>: "),
    ROW("You are about to register. Enter the <username>: ",
        "Регистрация. Введите <имя пользователя>: "),
    ROW("User was not registered: the name is taken.",
        "Пользователь не зарегистрирован: имя занято."),
    ROW("User registered successfully.", "Пользователь зарегистрирован."),
    ROW("User was not registered", "Пользователь не зарегистрирован"),
    ROW("You are about to sign in. Enter the <username>: ", "Вход. Введите <имя пользователя>: "),
    ROW("You are about to sign in. Enter the <username> [%.32s]: ",
        "Вход. Введите <имя пользователя> [%.32s]: "),
    ROW("User signed in successfully.", "Вход выполнен."),
    ROW("User was not signed in", "Вход не выполнен"),
    ROW("User signed out successfully.", "Выход выполнен."),
    ROW("User was not signed out", "Выход не выполнен"),
    ROW("You are about to change the password. Enter the old one first.",
        "Смена пароля. Сначала старый пароль."),
    ROW("Now the new one.", "Теперь новый пароль."),
    ROW("Password changed successfully.", "Пароль изменён."),
    ROW("Password was not changed", "Пароль не изменён"),
    ROW("You are about to delete the user %s with all messages.\n"
        "Enter the <username> to delete it: ",
        "Удаление пользователя %s вместе со всеми письмами.\n"
        "Введите <имя пользователя>, чтобы удалить его: "),
    ROW("User was not deleted.", "Пользователь не удалён."),
    ROW("User was not deleted", "Пользователь не удалён"),
    ROW("User deleted successfully.", "Пользователь удалён."),
    ROW("You are about to search all messages. Enter the <text>: ",
        "Поиск по всем письмам. Введите <текст>: "),
    ROW("Messages were not searched", "Поиск не выполнен"),
    ROW("No message contains this text.", "Такого текста нет ни в одном письме."),
    ROW("You are about to resend a message. Enter the <message ID>: ",
        "Пересылка письма. Введите <номер письма>: "),
    ROW("Message resent successfully.", "Письмо переслано."),
    ROW("You are about to reply to a message. Enter the <message ID>: ",
        "Ответ на письмо. Введите <номер письма>: "),
    ROW("No reply can be sent", "Ответить нельзя"),
    ROW("No reply can be sent.", "Ответить нельзя."),
    ROW("No reply can be sent: the message has no sender.",
        "Ответить нельзя: у письма нет отправителя."),
    ROW("No reply can be sent: the message came from outside, and letters go only to users of this "
        "server.",
        "Ответить нельзя: письмо пришло извне, а писать можно только пользователям этого сервера."),
    ROW("Enter the <username>: ", "Введите <имя пользователя>: "),
    ROW("Enter the <username>, or an empty line to go back: ",
        "Введите <имя пользователя> или пустую строку, чтобы вернуться: "),
    ROW("Enter y or n.\n", "Введите д или н.\n"),
    ROW("This is not a name: %s.\n", "Это не имя пользователя: %s.\n"),
    ROW("This is not a message ID: it is a decimal number.\n",
        "Это не номер письма: нужно целое число.\n"),
    ROW("This is not a password: %s.\n", "Это не пароль: %s.\n"),
    ROW("This line is full: at most %zu bytes.\n",
        "Строка заполнена: в ней не больше %zu байтов.\n"),
    ROW("Out of memory: this line was not taken.\n", "Не хватает памяти: эта строка не принята.\n"),
    ROW("This line is too long, and was not taken: at most %zu bytes.\n",
        "Строка слишком длинная и не принята: в ней не больше %zu байтов.\n"),
    ROW("(This dot was pasted: it is text.)\r\n",
        "(Эта точка вставлена: она считается текстом.)\r\n"),
    ROW("Out of memory.", "Не хватает памяти."),
    ROW("Type the number of an item and press Enter.\n"
        "Ctrl-C leads back to this menu from every question. So does an empty "
        "answer, unless the question shows a name in brackets: then it means that "
        "name.\n"
        "Ctrl-D on an empty line leaves the menu.\n"
        "The arrow keys move in what is typed, and bring back earlier answers.\n"
        "Pasted text is only text: it runs no item and does not end a message.\n"
        "A message ends with a line that is a single dot, or with Ctrl-D on an "
        "empty line.\n"
        "The line ~e in it runs your editor: $VISUAL, $EDITOR or vi.\n"
        "Deleted messages stay in the trash for a time and can be restored.",
        "Введите номер пункта и нажмите Enter.\n"
        "Ctrl-C возвращает в меню из любого вопроса. Пустой ответ тоже; но если в "
        "вопросе есть имя в скобках, он означает это имя.\n"
        "Ctrl-D в пустой строке закрывает меню.\n"
        "Стрелки двигают курсор и возвращают прежние ответы.\n"
        "Вставленный текст остаётся текстом: он не выбирает пункт и не завершает письмо.\n"
        "Письмо завершается строкой из одной точки "
        "или клавишами Ctrl-D в пустой строке.\n"
        "Строка ~e в письме запускает редактор: $VISUAL, $EDITOR или vi.\n"
        "Удалённые письма какое-то время лежат в корзине; их можно восстановить."),
    ROW("%s is already among the recipients.\n", "%s уже есть среди получателей.\n"),
    ROW("s - send it, e - edit it, a - add a line, d - discard it, k - keep it: ",
        "о - отправить, п - править, д - дописать, у - удалить, с - сохранить: "),
    ROW("s - send it, d - discard it, k - keep it: ",
        "о - отправить, у - удалить, с - сохранить: "),
    ROW("s - send it (perhaps a second time), k - keep it as a draft, d - discard it: ",
        "о - отправить (возможно, второй раз), с - сохранить в черновиках, у - удалить: "),
    ROW("s - send it again, n - another name, k - keep it as a draft, d - discard it: ",
        "о - отправить снова, и - другое имя, с - сохранить в черновиках, у - удалить: "),
    ROW("s - send it again, k - keep it as a draft, d - discard it: ",
        "о - отправить снова, с - сохранить в черновиках, у - удалить: "),
    ROW("seadk", "опдус"),
    ROW("sdk", "оус"),
    ROW("skdn", "осуи"),
    ROW("skd", "осу"),
    ROW("Try again? (y/n): ", "Попробовать снова? (д/н): "),
    ROW("y Y yes Yes YES", "д Д да Да ДА"),
    ROW("n N no No NO", "н Н нет Нет НЕТ"),
    ROW("Unread", "Новое"),
    ROW("Normal", "Читано"),
    ROW("Deleted", "Удалено"),
    ROW("You are about to send a message. Enter the <username>: ",
        "Новое письмо. Введите <имя получателя>: "),
    ROW("Enter one of these letters.", "Введите одну из этих букв."),
    ROW(NULL, NULL),
};
