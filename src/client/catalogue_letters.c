/* SPDX-License-Identifier: ISC */
#include <inttypes.h>
#include <stddef.h>

#include "client/catalogue.h"

const struct catalogue_row catalogue_letters[] = {
    ROW("(%zu more bytes)\n", "(ещё байтов: %zu)\n"),
    ROW("(Go on with the message. A line with a single dot ends it.)",
        "(Продолжайте письмо. Строка из одной точки завершает его.)"),
    ROW("(The connection is lost. It will be made again to send the letter.)\n",
        "(Соединение потеряно. Оно будет установлено снова, чтобы отправить письмо.)\n"),
    ROW("(This letter is kept on disk again.)\n", "(Письмо снова сохраняется на диске.)\n"),
    ROW("(This letter is not kept on disk: %s: %s. It can still be sent.)\n",
        "(Письмо не сохраняется на диске: %s: %s. Его всё же можно отправить.)\n"),
    ROW("(The pasted text is the message. It has no subject.)\n",
        "(Вставленный текст считается письмом. Темы у него нет.)\n"),
    ROW("An earlier attempt may have arrived. Sending again shows whether it did, and sends "
        "nothing twice.",
        "Прежняя попытка могла удаться. Повторная отправка это выяснит и ничего не отправит "
        "дважды."),
    ROW("Enter the message, many lines if you like. A line with a single dot ends it:",
        "Введите письмо, можно в несколько строк. Строка из одной точки завершает его:"),
    ROW("Enter the number of a draft, or an empty line to go back: ",
        "Введите номер черновика или пустую строку, чтобы вернуться: "),
    ROW("Subject (empty: none): ", "Тема (пусто: без темы): "),
    ROW("Message sent successfully.", "Письмо отправлено."),
    ROW("Message was not sent", "Письмо не отправлено"),
    ROW("Message was not sent: ", "Письмо не отправлено: "),
    ROW("No answer came: it may have been sent, or not, and this server cannot tell.",
        "Ответа нет: отправлено ли письмо, неизвестно, и этот сервер не может это сообщить."),
    ROW("No answer came when the message was sent. It may have arrived, or not, and this server "
        "cannot tell.",
        "При отправке письма ответа не было. Дошло ли оно, неизвестно, и этот сервер не "
        "может это сообщить."),
    ROW("Only the user who wrote it can send it.",
        "Отправить его может только тот, кто его написал."),
    ROW("The editor failed: %.*s.\n", "Ошибка редактора: %.*s.\n"),
    ROW("The letter was discarded.", "Черновик удалён."),
    ROW("The mailbox of %s is full now. The letter can be kept as a draft.\n",
        "Ящик пользователя %s сейчас полон. Письмо можно сохранить в черновиках.\n"),
    ROW("\nThe drafts cannot be read: %s: %s.", "\nЧерновики не читаются: %s: %s."),
    ROW("There are no drafts.", "Черновиков нет."),
    ROW("There is no such draft.", "Такого черновика нет."),
    ROW("There is no user %s.\n", "Пользователя %s нет.\n"),
    ROW("The group %s has no members.\n", "В группе %s никого нет.\n"),
    ROW("There is a letter that was not sent: choose Drafts in the menu.\n",
        "Есть неотправленное письмо: выберите в меню «Черновики».\n"),
    ROW("There are %zu letters that were not sent: choose Drafts in the menu.\n"
        "\n",
        "Неотправленных писем: %zu. Выберите в меню «Черновики».\n"
        "\n"),
    ROW("\n"
        "Draft %u cannot be removed: %s.",
        "\n"
        "Черновик %u удалить не удалось: %s."),
    ROW("\n"
        "Draft %u: %s.",
        "\n"
        "Черновик %u: %s."),
    ROW("\n"
        "Nothing was written, and nothing is kept.",
        "\n"
        "Ничего не написано, и ничего не сохранено."),
    ROW("\n"
        "Out of memory: the message is not complete.",
        "\n"
        "Не хватает памяти: письмо неполное."),
    ROW("\n"
        "The letter is empty and is not kept.",
        "\n"
        "Письмо пустое и не сохранено."),
    ROW("\n"
        "The letter is kept as draft %u.",
        "\n"
        "Письмо сохранено: черновик %u."),
    ROW("\n"
        "The letter is lost: it cannot be kept: %s: %s.",
        "\n"
        "Письмо потеряно: сохранить его не удалось: %s: %s."),
    ROW("   ID STATE      DATE             TO            SIZE SUBJECT\n",
        "   ID СТАТУС     ДАТА             КОМУ          БАЙТ ТЕМА\n"),
    ROW("  ID STATE      TO       SUBJECT\n", "  ID СТАТУС     КОМУ     ТЕМА\n"),
    ROW("writing", "пишется"),
    ROW("unfinished", "не дописан"),
    ROW("ready", "готов"),
    ROW("unsure", "неясно"),
    ROW("sent", "отправлен"),
    ROW("damaged", "повреждён"),
    ROW("unreadable", "не читается"),
    ROW("there is no such draft", "такого черновика нет"),
    ROW("another process is working on it", "с ним работает другой процесс"),
    ROW("this file is not a draft, or it is damaged", "это не черновик, или файл повреждён"),
    ROW("this text is damaged", "текст повреждён"),
    ROW("there is no text", "текста нет"),
    ROW("there are more parts, which only --raw shows",
        "есть и другие части; их показывает только --raw"),
    ROW("the character set of this text is %s", "кодировка текста: %s"),
    ROW("the type of this text is %s; save writes part %u to a file",
        "тип текста: %s; save запишет часть %u в файл"),
    ROW("Says it is from: ", "Называет отправителем: "),
    ROW("no reply can be sent to %s: it came from outside, and letters go only to users of this "
        "server",
        "ответить на %s нельзя: письмо пришло извне, а писать можно только пользователям этого "
        "сервера"),
    ROW("%s(%s, %zu bytes%s)", "%s(%s, байтов: %zu%s)"),
    ROW(", damaged", ", повреждён"),
    ROW("Forwarded message from %.*s, %.*s:\n"
        "\n",
        "Пересланное письмо от %.*s, %.*s:\n"
        "\n"),
    ROW("On %.*s, %.*s wrote:\n", "%.*s, %.*s пишет:\n"),
    ROW("cannot attach %s: %s", "не удалось вложить %s: %s"),
    ROW("cannot attach %s: the message would have %" PRIu64 " bytes, at most %" PRIu64
        " are allowed: see --message-limit",
        "не удалось вложить %s: в письме было бы байтов: %" PRIu64 ", разрешено не больше %" PRIu64
        ": см. --message-limit"),
    ROW("the letter was sent, but no copy is kept: %s: %s",
        "письмо отправлено, но копия не сохранена: %s: %s"),
    ROW("it is not set to an absolute path", "в ней не абсолютный путь"),
    ROW("Password of ", "Пароль пользователя "),
    ROW("New password of ", "Новый пароль пользователя "),
    ROW("The same again", "Ещё раз"),
    ROW("%s: %s; the variable VISUAL or EDITOR names another editor",
        "%s: %s; другой редактор можно указать в переменной VISUAL или EDITOR"),
    ROW("cannot edit the message: %.*s", "не удалось править письмо: %.*s"),
    ROW(NULL, NULL),
};
