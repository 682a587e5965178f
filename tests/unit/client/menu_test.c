/* SPDX-License-Identifier: ISC */
/*
 * The menu's items for the account and the connection, with servers that refuse, hang up or say
 * nothing. The screens of the other items are in tests/it/menu.t and its like.
 */
#include "client_menu.h"

#define LOGIN    "4\nann\npw\n\n"
#define MAIL(id) "Mail|1|" id "^bob^2017-12-03T12:51:33Z^3^2^new^|"

static void set_password(void)
{
    setenv("POCHTA_PASSWORD", "pw", 1);
}

static void set_wrong_password(void)
{
    setenv("POCHTA_PASSWORD", "p|w", 1);
}

static const struct play registering[] = {
    {.name = "a user registers",
     .typed = "3\nbob\npw\npw\n",
     .says = {{"Register|2|bob||", NOOP(PASSWORD_RULE)}},
     .shows = {"User registered successfully."},
     .asks = "Register|2|bob|pw|\n"},
    {.name = "the name is taken: no password is asked for",
     .typed = "3\nbob\npw\npw\n",
     .says = {{"Register|2|bob||", NOOP("this name is taken")}},
     .shows = {"User was not registered: the name is taken."},
     .never = "Enter the <password>"},
    {.name = "nobody may register: no password is asked for",
     .typed = "3\nbob\npw\npw\n",
     .says = {{"Register|2|bob||", NOOP("registration is closed here")}},
     .shows = {"User was not registered: registration is closed here. Press any key."},
     .never = "Enter the <password>"},
    {.name = "the server does not say whether one may register",
     .typed = "3\nbob\n",
     .says = {{"Register|2|bob||", HANGS_UP}},
     .shows = {"Disconnected from server: the connection was lost.", "Connect again?"}},
    {.name = "the passwords differ: they are asked for again",
     .typed = "3\nbob\npw\nother\npw\npw\n",
     .shows = {"The passwords are not the same.", "User registered successfully."},
     .asks = "Register|2|bob|pw|\n"},
    {.name = "the server refuses the password",
     .typed = "3\nbob\npw\npw\n",
     .says = {{"Register|2|bob|pw|", NOOP("too often")}},
     .shows = {"User was not registered: too often. Press any key."}},
    {.name = "the server wants an invite",
     .typed = "3\nbob\npw\npw\n1234\n",
     .says = {{"Register|2|bob||", NOOP("registration here takes an invite")},
              {"Register|2|bob|pw|", NOOP("registration here takes an invite")}},
     .shows = {"Enter the <invite>:", "User registered successfully."},
     .asks = "Register|3|bob|pw|1234|\n"},
    {.name = "the user has no invite",
     .typed = "3\nbob\npw\npw\n\n",
     .says = {{"Register|2|bob|pw|", NOOP("registration here takes an invite")}},
     .shows = {"Enter the <invite>:",
               "User was not registered: registration here takes an invite. Press any key."}},
    {.name = "the input ends where an invite is asked for",
     .typed = "3\nbob\npw\npw\n",
     .says = {{"Register|2|bob|pw|", NOOP("registration here takes an invite")}},
     .shows = {"Enter the <invite>:"},
     .never = "User was not registered"},
    {.name = "the input ends where a password is asked for",
     .typed = "3\nbob\n",
     .shows = {"Enter the <password>:"},
     .never = "registered"},
    {.name = "the input ends where a name is asked for",
     .typed = "3\n",
     .shows = {"You are about to register."},
     .never = "Enter the <password>"},
    {.name = "what is no name is asked for again",
     .typed = "3\na b\nbob\n",
     .shows = {"This is not a name", "Enter the <username>", "Enter the <password>"}},
    {.name = "what is no password is asked for again",
     .typed = "3\nbob\np|w\npw\npw\n",
     .shows = {"This is not a password", "Enter the <password>", "User registered successfully."}},
    {.name = "a user who is signed in registers another one",
     .typed = LOGIN "3\nbob\npw\npw\n",
     .says = {{"Check user|1|bob|", NOOP("no such user")}},
     .shows = {"User registered successfully."}},
    {.name = "... whose name is taken",
     .typed = LOGIN "3\nbob\npw\npw\n",
     .shows = {"User was not registered: the name is taken."},
     .asks = "Check user|1|bob|\n"},
};

static const struct play accounts[] = {
    {.name = "the server refuses a login",
     .typed = "4\nann\npw\n",
     .says = {{"Login", NOOP("wrong name or password")}},
     .shows = {"User was not signed in: wrong name or password. Press any key."}},
    {.name = "an empty name leads back to the menu",
     .typed = "4\n\n",
     .shows = {"Enter the <username>: ", "Select the following items:"}},
    {.name = "the name of the settings is offered",
     .typed = "4\n\npw\n",
     .user = "ann",
     .shows = {"Enter the <username> [ann]: ", "User signed in successfully."},
     .asks = "Login|2|ann|pw|\n"},
    {.name = "no password leads back to the menu", .typed = "4\nann\n", .never = "signed in"},
    {.name = "a server that cannot watch is no error",
     .typed = "4\nann\npw\n",
     .says = {{"Watch", UNKNOWN}},
     .shows = {"User signed in successfully."}},
    {.name = "the server hangs up instead of watching",
     .typed = "4\nann\npw\n",
     .says = {{"Watch", HANGS_UP}},
     .shows = {"Disconnected from server"},
     .never = "signed in"},
    {.name = "a user signs out",
     .typed = LOGIN "4\n\n",
     .shows = {"User signed out successfully.", "4 - Login"}},
    {.name = "the server refuses to sign a user out",
     .typed = LOGIN "4\n",
     .says = {{"Logout", NOOP("busy")}},
     .shows = {"User was not signed out: busy. Press any key."}},
    {.name = "a password is changed",
     .typed = LOGIN "15\npw\nnew\nnew\n",
     .shows = {"Password changed successfully."},
     .asks = "Password|2|pw|new|\n"},
    {.name = "the server refuses the new password",
     .typed = LOGIN "15\nno\nnew\nnew\n",
     .says = {{"Password", NOOP("wrong name or password")}},
     .shows = {"Password was not changed: wrong name or password. Press any key."}},
    {.name = "no new password: nothing is changed",
     .typed = LOGIN "15\npw\n",
     .shows = {"Now the new one."},
     .never = "Password"},
    {.name = "an account is deleted",
     .typed = LOGIN "5\nann\n\n",
     .shows = {"User deleted successfully.", "4 - Login"}},
    {.name = "the server refuses to delete an account",
     .typed = LOGIN "5\nann\n",
     .says = {{"Delete user", NOOP("busy")}},
     .shows = {"User was not deleted: busy. Press any key."}},
    {.name = "another name deletes no account",
     .typed = LOGIN "5\nbob\n",
     .shows = {"User was not deleted."},
     .never = "deleted successfully"},
    {.name = "the user leaves",
     .typed = "2\n",
     .shows = {"Disconnected from server successfully."}},
    {.name = "the user leaves, and the server does not answer",
     .typed = "2\n",
     .says = {{"Exit", HANGS_UP}},
     .never = "Disconnected from server"},
    {.name = "what is no item is asked for again",
     .typed = "1\n99\nx\n2\n",
     .shows = {"There is no such item.", "There is no such item.", "There is no such item.",
               "Disconnected from server successfully."}},
};

static const struct play
    connections[] =
        {
            {.name = "the server cannot be reached, and then it can",
             .typed = "maybe\ny\n",
             .says = {{CONNECTED, HANGS_UP}},
             .shows = {"Could not connect to server: connection refused.", "Connect again? (y/n): ",
                       "Enter y or n.", "Connected to server successfully."}},
            {.name = "the server cannot be reached, and the user does not want to try again",
             .typed = "n\n",
             .says = {{CONNECTED, HANGS_UP}},
             .shows = {"Connect again? (y/n): "},
             .never = "Connected"},
            {.name = "an empty answer is no",
             .typed = "\n",
             .says = {{CONNECTED, HANGS_UP}},
             .shows = {"Connect again? (y/n): "},
             .never = "Connected"},
            {.name = "the server refuses to begin",
             .typed = "",
             .says = {{"Start", "Exit|1|the server is full|"}},
             .shows = {"Could not connect to server: the server is full.", "Connect again?"}},
            {.name = "the server hangs up while an item is chosen",
             .typed = LOGIN "16\ny\n16\n",
             .says = {{"Watch", YES "\fExit|1|the server stops|"}},
             .shows = {"Disconnected from server: the server stops.", "Connect again?",
                       "Connected to server successfully."}},
            {.name = "a user is signed in at once",
             .typed = "16\n",
             .user = "ann",
             .first = set_password,
             .shows = {"User signed in successfully.", "Messages: 2"}},
            {.name = "... or the server's reason is shown",
             .typed = "",
             .user = "ann",
             .first = set_password,
             .says = {{"Login", NOOP("wrong name or password")}},
             .shows = {"User was not signed in: wrong name or password.", "4 - Login"}},
            {.name = "... or that this is not a password",
             .typed = "",
             .user = "ann",
             .first = set_wrong_password,
             .shows = {"POCHTA_PASSWORD is not a password", "4 - Login"}},
            {.name = "... or nothing, if this is not a name",
             .typed = "",
             .user = "a b",
             .first = set_password,
             .shows = {"4 - Login"},
             .never = "signed in"},
            {.name = "a user who is signed in is signed in again with a new connection",
             .typed = "16\ny\n16\n",
             .user = "ANN",
             .first = set_password,
             .says = {{"Status", HANGS_UP}},
             .shows = {"User signed in successfully.", "Connect again?",
                       "User signed in successfully.", "Messages: 2"}},
            {.name = "... but not one who has signed out",
             .typed = "4\n\n2\ny\n",
             .user = "ann",
             .first = set_password,
             .says = {{"Logout", YES "\fExit|1|bye|"}},
             .shows = {"User signed in", "User signed out", "Connect again?", "Connected",
                       "4 - Login"}},
            {.name = "... nor one who has signed in as another",
             .typed = "4\n\n4\nbob\npw\n\n16\ny\n",
             .user = "ann",
             .first = set_password,
             .says = {{"Status", HANGS_UP}},
             .shows = {"User signed in", "User signed out", "User signed in", "Connected",
                       "4 - Login"}},
            {.name = "the server hangs up while the menu waits",
             .typed = LOGIN "16\n",
             .later = {.asked = 1, .hangs_up = true},
             .shows = {"Enter your option:", "Disconnected from server: the connection was lost.",
                       "Connect again?"}},
            {.name = "... and the user has chosen: nothing more is asked",
             .typed = LOGIN "9\nn\n",
             .later = {.asked = 1, .hangs_up = true, .unnoticed = true},
             .shows = {"Enter your option:", "Disconnected from server: the connection was lost.",
                       "Connect again?"},
             .never = "Enter the <message ID>"},
            {.name = "the server stops while the menu waits",
             .typed = LOGIN "16\n",
             .later = {.asked = 1, .says = "Exit|1|the server stops|"},
             .shows = {"Enter your option:", "Disconnected from server: the server stops."}},
            {.name = "mail comes while the menu waits",
             .typed = LOGIN "16\n",
             .later = {.asked = 1, .says = MAIL("7")},
             .shows = {"Enter your option:", "New mail from bob: new\n", "Messages: 2"}},
            {.name = "news of mail is shown",
             .typed = "4\nann\npw\n\n",
             .says = {{"Watch", YES "\f" MAIL("7")}},
             .shows = {"New mail from bob: new\n", "Select the following items:"}},
            {.name = "news of more mail than fits a screen is counted",
             .typed = "4\nann\npw\n\n",
             .says = {{"Watch", YES "\f" MAIL("1") "\f" MAIL("2") "\f" MAIL("3") "\f" MAIL("4") "\f" MAIL("5") "\f" MAIL("6") "\f" MAIL(
                                    "7") "\f" MAIL("8") "\f" MAIL("9") "\f" MAIL("10") "\f" MAIL("1"
                                                                                                 "1") "\f" MAIL("12") "\f" MAIL("13") "\f" MAIL("14") "\f" MAIL("15") "\f" MAIL("16") "\f" MAIL("17") "\f" MAIL("18") "\f" MAIL("19") "\f" MAIL("20") "\f" MAIL("21") "\f" MAIL("22") "\f" MAIL("23") "\f" MAIL("24") "\f" MAIL("25") "\f" MAIL("26")}},
             .shows = {"New mail from bob: new\n... and 2 more\n"}},
};

/* Without --server the menu asks for one. */
static void test_asked_server(void)
{
    struct options o;
    int out = memfd_create("shown", MFD_CLOEXEC);
    const struct play p = {.says = {{CONNECTED, HANGS_UP}}};
    play_begin(&p, &o);
    o.set.origin[SETTINGS_server].source = SETTINGS_DEFAULT;
    menu_play(&o, "a b\nhost\nhost:1\n", out);
    shown[pread(out, shown, sizeof shown - 1, 0)] = '\0';
    ok(has_parts(shown,
                 (const char *const[PARTS_MAX]){"This is not a server",
                                                "Enter <host>:<port> of Mail Server:",
                                                "Could not connect to server: connection refused.",
                                                "Connected to server successfully."}),
       "a server is asked for until one can be reached");
    o.set.origin[SETTINGS_server].source = SETTINGS_OPTION;
    o.set.server = "a b";
    is_int(menu_play(&o, "", out), ERROR_USAGE, "a server of the settings must be one");
    settings_free(&o.set);
    close(out);
}

int main(void)
{
    play_init();
    PLAY_ALL(registering);
    PLAY_ALL(accounts);
    PLAY_ALL(connections);
    test_asked_server();
    return done_testing();
}
