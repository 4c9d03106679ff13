"""Each kind of update gets its reply, through the real Application and the real service."""

import asyncio
import re
import time

import pytest
from telegram.error import BadRequest, Forbidden

from bot.adapters.telegram.app import build_application
from bot.adapters.telegram.handlers import BotApplication
from bot.core.model import REPLY_LIMIT_UNITS, Notice
from bot.service import Said, Service
from bot.store.later import Backlog
from bot.store.memory import MemoryStore
from bot.store.records import NOTHING, PersonKey
from tests.adapters.telegram.conftest import TOKEN, Chat
from tests.adapters.telegram.oracle import complaints_about_value
from tests.adapters.telegram.updates import ANN, BEN, GROUP, Raw, edited, message, new, pressed, private, said
from tests.adapters.telegram.wire import BLOCKED, ME, Wire, bad_request

PHOTO: Raw = {"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]}
VOICE: Raw = {"voice": {"file_id": "f", "file_unique_id": "u", "duration": 1}}
STICKER: Raw = {
    "sticker": {"file_id": "f", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
}
FILE: Raw = {"file_id": "f", "file_unique_id": "u"}
PLACE = {"longitude": 1.0, "latitude": 1.0}
MENTION: Raw = {"entities": [{"type": "mention", "offset": 0, "length": 12}]}
FLAT = "how do i mend a flat tyre"
ALARM = "how do i change brake pads, my brakes failed"
ALARM_TEXT = "You wrote that you cannot brake.\n\nSteer uphill & off the road now.\n\nPut a foot down, <gently>."


def test_the_updates_of_these_tests_are_such_as_telegram_sends() -> None:
    things = [new(message(**thing)) for thing in (PHOTO, VOICE, STICKER)]
    kinds = [said("/start a"), said("x", chat=GROUP), edited(message("x")), pressed("s:a"), *things]

    assert [complaints_about_value("Update", update) for update in kinds] == [[]] * len(kinds)


# --- words ------------------------------------------------------------------------------------------------------------


async def test_a_question_gets_its_answer_with_note_and_buttons(chat: Chat) -> None:
    (call,) = await chat(said(FLAT))

    assert call.method == "sendMessage"
    assert call.text.startswith("Find the hole, roughen it & patch it: <sandpaper> helps.")
    assert call.text.endswith("Stop riding at once if anything cracks.")
    assert call.data == ["+s:squeaky-chain", "n:flat-tyre", "m:flat-tyre"]
    assert call.parameters["link_preview_options"] == {"is_disabled": True}


async def test_a_red_flag_gets_its_alarm(chat: Chat) -> None:
    (call,) = await chat(said(ALARM))

    assert call.text == ALARM_TEXT
    assert call.data == ["+s:brake-pads"]


async def test_an_ill_store_costs_nobody_the_alarm_and_nothing_is_sent_before_it(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:

    async def never(self: MemoryStore, key: PersonKey) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(MemoryStore, "read_context", never)
    monkeypatch.setattr("bot.store.bounded.STORE_WAIT_S", 0.01)
    (call,) = await chat(said(ALARM))

    assert call.text == ALARM_TEXT


@pytest.mark.parametrize(
    "update",
    [
        pytest.param(edited(message(ALARM)), id="edited"),
        pytest.param(new(message(**PHOTO, caption=ALARM)), id="caption"),
        pytest.param(edited(message(**PHOTO, caption=ALARM)), id="edited caption"),
        pytest.param(new(message(ALARM, forward_origin={"type": "hidden_user", "date": 1, "sender_user_name": "Cy"})), id="forwarded"),
        *(pytest.param(said(f"/{command} {ALARM}"), id=command) for command in ("start", "help", "topics", "id", "reload", "sos")),
        pytest.param(said("/brakes_failed"), id="a command of that name"),
        pytest.param(said("/start brakes-failed"), id="a link of that name"),
        pytest.param(edited(message("/brakes_failed")), id="edited command"),
        pytest.param(edited(message(f"/help {ALARM}")), id="edited command that is known"),
        *(pytest.param(said(f"/{name}@bicycle_bot {ALARM}", chat=GROUP), id=f"{name} in a group") for name in ("sos", "reload", "help", "start")),
        pytest.param(said("/brakes_failed@bicycle_bot", chat=GROUP), id="a command of that name in a group"),
        pytest.param(said(f"/SOS@Bicycle_Bot {ALARM}", chat=GROUP), id="in capitals"),
        pytest.param(
            new(message(f"well /sos@bicycle_bot {ALARM}", chat=GROUP, entities=[{"type": "bot_command", "offset": 5, "length": 16}])),
            id="command amid words",
        ),
        pytest.param(
            new(
                message(
                    chat=GROUP, **PHOTO, caption=f"/sos@bicycle_bot {ALARM}", caption_entities=[{"type": "bot_command", "offset": 0, "length": 16}]
                )
            ),
            id="command in a caption",
        ),
    ],
)
async def test_a_red_flag_is_seen_wherever_a_person_writes_it(chat: Chat, update: Raw) -> None:
    (call,) = await chat(update)

    assert call.text == ALARM_TEXT
    shows_an_answer = [data for data in call.data if data.startswith("+s:")]
    assert ("supergroup" in str(update)) <= (not shows_an_answer), "in a group answers wait behind links"


async def test_two_people_in_one_group_are_two_conversations(chat: Chat, store: MemoryStore) -> None:
    for user in (ANN, BEN):
        await chat(new(message(f"@bicycle_bot {FLAT}", user=user, chat=GROUP, **MENTION)))

    notes = [(await chat(new(message(f"@bicycle_bot {FLAT}", user=user, chat=GROUP, **MENTION))))[0].text for user in (ANN, BEN)]
    assert notes[0] == notes[1]
    assert len(store._people) == 2


async def test_what_is_kept_names_nobody(chat: Chat, store: MemoryStore) -> None:
    await chat(said(FLAT))
    await chat(pressed("s:flat-tyre"))

    (key,) = store._people
    assert re.fullmatch("[0-9a-f]{64}", key)


async def test_nobody_can_tell_a_key_from_another_process(service: Service, store: MemoryStore, wire: Wire) -> None:
    for _ in range(2):
        async with build_application(TOKEN, service, request=wire) as application:
            await Chat(application, wire, store)(said(FLAT))

    assert len(store._people) == 2


# --- commands ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key"),
    [("/start", "start"), ("/start no-such-entry", "start"), ("/help", "help"), ("/topics", "topics_intro"), ("/nonsense", "unknown_command")],
)
async def test_commands_say_their_piece(chat: Chat, service: Service, text: str, key: str) -> None:
    (call,) = await chat(said(text))

    expected = service.help().text if key == "help" else service.say(key).strip()
    assert call.text == expected


@pytest.mark.parametrize("said_first", ["/nonsense", "/reload", "/start no-such-entry"])
async def test_a_command_that_gets_no_answer_does_not_spend_the_full_note(chat: Chat, store: MemoryStore, said_first: str) -> None:
    await chat(said(said_first))
    assert not store._people

    (call,) = await chat(said("/neck_nonsense how do i mend a flat tyre"))
    assert call.text.endswith("Stop riding at once if anything cracks.")


@pytest.mark.parametrize("command", ["start", "help", "topics", "id"])
async def test_an_edited_command_is_one_like_any_other(chat: Chat, command: str) -> None:
    (first,) = await chat(said(f"/{command}"))
    (again,) = await chat(edited(message(f"/{command}")))

    assert again.text == first.text


async def test_an_edited_command_in_a_group_is_left_alone(chat: Chat) -> None:
    assert await chat(edited(message("/help@bicycle_bot", chat=GROUP))) == []


@pytest.mark.parametrize("command", ["start", "help", "topics", "id", "nonsense", "reload"])
async def test_words_after_a_command_are_answered(chat: Chat, command: str) -> None:
    (call,) = await chat(said(f"/{command} my chain squeaks"))

    assert call.text.startswith("One drop")


@pytest.mark.parametrize("command", ["nonsense", "reload"])
async def test_an_unknown_command_that_names_the_bot_gets_its_hint(chat: Chat, service: Service, command: str) -> None:
    (call,) = await chat(said(f"/{command}@bicycle_bot", chat=GROUP, user=BEN))

    assert call.text == service.say("unknown_command").strip()


async def test_a_deep_link_shows_its_entry(chat: Chat) -> None:
    (call,) = await chat(said("/start flat-tyre"))

    assert call.text.startswith("Find the hole")


async def test_the_topics_are_browsed_in_one_message(chat: Chat) -> None:
    (call,) = await chat(said("/topics"))

    assert call.data == ["t:repairs:0"]


@pytest.mark.parametrize("chat_of", [None, GROUP], ids=["private", "group"])
async def test_anyone_is_told_their_own_id(chat: Chat, service: Service, chat_of: Raw | None) -> None:
    (call,) = await chat(said("/id", user=BEN, chat=chat_of))

    assert call.text == service.say("your_id", id="502")


# --- what is not words ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PHOTO, "picture"),
        (VOICE, "sound"),
        (STICKER, "sticker"),
        ({"location": PLACE}, "place"),
        ({"venue": {"location": PLACE, "title": "The Forge", "address": "1 Hill"}, "location": PLACE}, "place"),
        ({"contact": {"phone_number": "1", "first_name": "Cy"}}, "contact"),
        ({"document": FILE}, "file"),
        ({"animation": FILE | {"width": 1, "height": 1, "duration": 1}, "document": FILE}, "picture"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "sticker"),
        ({}, "thing"),
    ],
    ids=["photo", "voice", "sticker", "place", "venue", "contact", "file", "moving picture", "dice", "what there will be one day"],
)
async def test_what_is_no_text_gets_one_helpful_sentence_the_safety_line_and_the_topics(
    chat: Chat, service: Service, content: Raw, kind: str
) -> None:
    (call,) = await chat(new(message(**content)))

    assert call.text == f"{service.say(f'unsupported_{kind}')}\n\n{service.say('safety_line')}"
    assert call.data == ["+t:repairs:0"]


async def test_an_album_gets_it_once(chat: Chat) -> None:
    sent = [await chat(new(message(**PHOTO, media_group_id=album))) for album in ("a", "a", "b", "a")]

    assert [len(calls) for calls in sent] == [1, 0, 1, 0]


async def test_of_an_album_with_words_only_the_words_are_answered(chat: Chat) -> None:
    pictures: list[Raw] = [{"caption": FLAT}, {}, {}]
    sent = [await chat(new(message(**PHOTO, media_group_id="a", **more))) for more in pictures]

    assert [[call.text[:8] for call in calls] for calls in sent] == [["Find the"], [], []]


@pytest.mark.parametrize(
    "update",
    [
        said(FLAT, user={"id": 7, "is_bot": True, "first_name": "Robot"}),
        new(message(FLAT, via_bot={"id": 7, "is_bot": True, "first_name": "Robot"})),
        new(message(FLAT, chat=GROUP, sender_chat=GROUP)),
        {"update_id": 1, "channel_post": message(FLAT, user={}, chat={"id": -1, "type": "channel", "title": "News"})},
        {"update_id": 1, "edited_channel_post": message(FLAT, user={}, chat={"id": -1, "type": "channel", "title": "News"})},
        {"update_id": 1, "business_message": message(FLAT, business_connection_id="b")},
        new(message(pinned_message=message("x"))),
        said(FLAT, chat=GROUP),
        said("/nonsense", chat=GROUP),
        said("/reload", chat=GROUP),
        said("/start@other_bot", chat=GROUP),
        new(message(FLAT, chat=GROUP, reply_to_message=message("x", user=BEN, chat=GROUP))),
        new(message(f"@another_bot {FLAT}", chat=GROUP, **MENTION)),
        new(message(chat=GROUP, **PHOTO)),
        edited(message(f"@another_bot {FLAT}", chat=GROUP, **MENTION)),
        edited(message(location=PLACE)),
        {"update_id": 1, "poll_answer": {"poll_id": "1", "user": ANN, "option_ids": [0], "option_persistent_ids": ["0"]}},
    ],
    ids=[
        *("other bot", "via bot", "as a channel", "channel", "edited channel post", "business", "pinned", "group talk", "group command"),
        *("group reload", "other bot's command", "reply to a person", "other mention", "group photo", "edited in a group", "place moved", "poll"),
    ],
)
async def test_what_is_not_for_the_bot_is_left_alone(chat: Chat, update: Raw) -> None:
    assert await chat(update) == []


@pytest.mark.parametrize(
    "addressed",
    [
        message(f"@bicycle_bot {FLAT}", chat=GROUP, **MENTION),
        message(f"@Bicycle_Bot {FLAT}", chat=GROUP, **MENTION),
        message(f"Bicycles {FLAT}", chat=GROUP, entities=[{"type": "text_mention", "offset": 0, "length": 8, "user": ME}]),
        message(FLAT, chat=GROUP, reply_to_message=message("Hello.", user=ME, chat=GROUP)),
        message(chat=GROUP, **PHOTO, caption=f"@bicycle_bot {FLAT}", caption_entities=MENTION["entities"]),
        message(f"/help@bicycle_bot {FLAT}", chat=GROUP),
    ],
    ids=["mention", "mention in capitals", "mention by name", "reply", "caption", "command"],
)
async def test_a_group_is_answered_when_it_speaks_to_the_bot(chat: Chat, addressed: Raw) -> None:
    (call,) = await chat(new(addressed))

    assert call.text.startswith("About: Mend a flat tyre\nFind the hole")
    assert "Pump it up" not in call.text
    assert call.text.endswith("Stop riding at once if anything cracks.")
    assert call.data == ["https://t.me/bicycle_bot?start=flat-tyre"]
    assert call.parameters["reply_parameters"] == {"message_id": addressed["message_id"], "allow_sending_without_reply": True}


async def test_a_topic_of_a_forum_is_answered_there(chat: Chat) -> None:
    forum = GROUP | {"is_forum": True}
    (call,) = await chat(new(message(f"@bicycle_bot {FLAT}", chat=forum, message_thread_id=9, is_topic_message=True, **MENTION)))

    assert call.parameters["message_thread_id"] == 9


# --- buttons ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "method", "begins"),
    [
        ("s:flat-tyre", "editMessageText", "Find the hole"),
        ("+s:flat-tyre", "sendMessage", "Find the hole"),
        ("l:", "editMessageText", "Which phone numbers"),
        ("g:sea", "editMessageText", "Coast it is."),
        ("g:", "editMessageText", "Should I ever"),
        ("g:nowhere", "editMessageText", "That button"),
        ("q:flat-tyre", "editMessageText", "Sources for: Mend a flat tyre"),
        ("t:repairs:0", "editMessageText", "Repairs: pick a question."),
        ("t::0", "editMessageText", "Pick a topic."),
        ("t:no-such-theme:7", "editMessageText", "Pick a topic."),
        ("+t:repairs:0", "sendMessage", "Repairs: pick a question."),
        ("n:flat-tyre", "editMessageText", "Then I may not have the answer."),
    ],
)
async def test_a_press_is_answered_and_shows_what_it_says(chat: Chat, data: str, method: str, begins: str) -> None:
    answered, shown = await chat(pressed(data))

    assert answered.method == "answerCallbackQuery"
    assert shown.method == method
    assert shown.text.startswith(begins)


async def test_a_region_is_chosen_in_the_place_of_the_alarm(chat: Chat) -> None:
    """The same alarm with the regions, then with the numbers of one; the answer waits under it all the while."""
    (alarm,) = await chat(said(f"my frame is cracked, {FLAT}", date=int(time.time())))
    choosing = (await chat(pressed(alarm.data[-1])))[-1]
    chosen = (await chat(pressed(choosing.data[1])))[-1]
    every = (await chat(pressed(choosing.data[-1])))[-1]

    assert alarm.text == ("You wrote about a crack.\n\nAsk a workshop today:\n• Hills & dales: 222\n• Coast: 444\n• Anywhere: the next <workshop>")
    assert alarm.data == ["+s:flat-tyre", "c:rf-cracked-frame:urgent_today"]
    assert choosing.data == ["+s:flat-tyre", *(f"r:rf-cracked-frame:urgent_today:{key}" for key in ("hill", "sea", ""))]
    assert chosen.text == alarm.text.replace("\n• Coast: 444", "")
    assert [call.method for call in (choosing, chosen, every)] == ["editMessageText"] * 3
    assert every.data == alarm.data
    assert chosen.data == ["222", *alarm.data]
    assert choosing.text == every.text == alarm.text


async def test_the_region_holds_for_the_next_alarm(chat: Chat) -> None:
    await chat(said("my frame is cracked"))
    await chat(pressed("r:rf-cracked-frame:urgent_today:sea"))
    (alarm,) = await chat(said("my frame is cracked"))

    assert "• Coast: 444\n• Anywhere" in alarm.text
    assert "222" not in alarm.text


async def test_an_answer_after_an_alarm_opens_with_it_until_it_is_said_to_be_over(chat: Chat, service: Service) -> None:
    now = int(time.time())
    await chat(said("my frame is cracked", date=now))
    (answer,) = await chat(said(FLAT, date=now))
    ended = (await chat(pressed(answer.data[-1])))[-1]
    (next_answer,) = await chat(said(FLAT, date=now))

    assert answer.text.startswith("From earlier. You wrote about a crack.")
    assert answer.data == ["+s:squeaky-chain", "+n:flat-tyre", "+m:flat-tyre", "+d:"]
    assert (ended.method, ended.text, ended.data) == ("sendMessage", service.say("not_happening_heard"), [])
    assert next_answer.text.startswith("Find the hole")
    assert next_answer.data == ["+s:squeaky-chain", "n:flat-tyre", "m:flat-tyre"]


@pytest.mark.parametrize(
    "data", ["c:gone:urgent_today", "r:rf-cracked-frame:gone:hill", "r:rf-cracked-frame:urgent_today:gone", "c:rf-no-brakes:emergency"]
)
async def test_a_button_whose_alarm_or_region_is_gone_still_says_something(chat: Chat, data: str) -> None:
    answered, shown = await chat(pressed(data))

    assert answered.method == "answerCallbackQuery"
    assert shown.data == ["t:repairs:0"]


@pytest.mark.parametrize("data", ["s:gone", "n:gone", "q:gone"])
async def test_a_button_whose_entry_is_gone_still_says_something(chat: Chat, data: str) -> None:
    answered, shown = await chat(pressed(data))

    assert answered.method == "answerCallbackQuery"
    assert shown.data == ["t:repairs:0"]


@pytest.mark.parametrize(("data", "more"), [(" ", {}), ("v9:what?", {}), ({}, {"game_short_name": "chess"})], ids=["blank", "unknown", "game"])
async def test_a_button_that_means_nothing_gets_a_kind_sentence_and_the_topics_below(
    chat: Chat, service: Service, data: str | Raw, more: Raw
) -> None:
    answered, shown = await chat(pressed(data, **more))

    assert answered.method == "answerCallbackQuery"
    assert (shown.method, shown.text, shown.data) == ("sendMessage", service.say("stale_button").strip(), ["t:repairs:0"])


async def test_a_press_under_a_message_too_old_to_read_is_answered_below_it(chat: Chat) -> None:
    _, shown = await chat(pressed("t::0", under={"chat": private(), "message_id": 5, "date": 0}))

    assert (shown.method, shown.parameters["chat_id"]) == ("sendMessage", ANN["id"])


async def test_a_press_under_a_message_elsewhere_is_answered_in_private(chat: Chat) -> None:
    _, shown = await chat(pressed("t::0", message={}, inline_message_id="i"))

    assert (shown.method, shown.parameters["chat_id"]) == ("sendMessage", ANN["id"])


async def test_a_press_in_a_forum_stays_in_its_topic(chat: Chat) -> None:
    under = message("Pick.", user=ME, chat=GROUP, message_thread_id=9, is_topic_message=True)
    _, shown = await chat(pressed("+t::0", under=under))

    assert (shown.parameters["chat_id"], shown.parameters["message_thread_id"]) == (GROUP["id"], 9)


@pytest.mark.parametrize("complaint", ["query is too old and response timeout expired or query ID is invalid", "QUERY_ID_INVALID"])
async def test_a_press_that_can_no_longer_be_answered_still_shows_its_outcome(chat: Chat, wire: Wire, complaint: str) -> None:
    wire.faults["answerCallbackQuery"].append(bad_request(complaint))
    (shown,) = await chat(pressed("t::0"))

    assert shown.method == "editMessageText"


async def test_an_edit_that_changes_nothing_is_no_error(chat: Chat, wire: Wire) -> None:
    wire.faults["editMessageText"].append(bad_request("message is not modified: specified new message content and reply markup are exactly the same"))

    assert [call.method for call in await chat(pressed("t::0"))] == ["answerCallbackQuery"]


@pytest.mark.parametrize("complaint", ["message can't be edited", "message to edit not found"])
async def test_what_cannot_be_edited_is_sent(chat: Chat, wire: Wire, complaint: str) -> None:
    wire.faults["editMessageText"].append(bad_request(complaint))

    assert [call.method for call in await chat(pressed("t::0"))] == ["answerCallbackQuery", "sendMessage"]


async def test_a_closed_chat_is_not_written_to_twice(chat: Chat, wire: Wire) -> None:
    wire.faults["editMessageText"].append(BLOCKED)

    with pytest.raises(Forbidden):
        await chat(pressed("t::0"))
    assert wire.attempts["sendMessage"] == 0


# --- words that Telegram will not take ----------------------------------------------------------------------------------


async def test_refused_html_goes_out_as_plain_text(chat: Chat, wire: Wire) -> None:
    wire.faults["sendMessage"].append(bad_request("can't parse entities: Unsupported start tag"))
    (call,) = await chat(said(ALARM))

    assert call.parameters["text"] == ALARM_TEXT
    assert "parse_mode" not in call.parameters
    assert call.data == ["+s:brake-pads"]


async def test_refused_html_is_edited_in_as_plain_text(chat: Chat, wire: Wire) -> None:
    wire.faults["editMessageText"].append(bad_request("can't parse entities: Unsupported start tag"))
    _, shown = await chat(pressed("s:flat-tyre"))

    assert shown.parameters["text"].startswith("Find the hole, roughen it & patch it: <sandpaper>")


@pytest.mark.parametrize("complaint", ["BUTTON_URL_INVALID", "BUTTON_DATA_INVALID", "can't parse inline keyboard button", "REPLY_MARKUP_TOO_LONG"])
async def test_refused_buttons_are_left_out_and_the_words_go_out(chat: Chat, wire: Wire, complaint: str) -> None:
    wire.faults["sendMessage"].append(bad_request(complaint))
    (call,) = await chat(said(ALARM))

    assert (call.text, call.data) == (ALARM_TEXT, [])


async def test_words_go_out_when_neither_html_nor_buttons_are_taken(chat: Chat, wire: Wire) -> None:
    wire.faults["sendMessage"].extend((bad_request("BUTTON_URL_INVALID"), bad_request("can't parse entities: Unsupported start tag")))
    (call,) = await chat(said(ALARM))

    assert (call.text, call.data, call.parameters.get("parse_mode")) == (ALARM_TEXT, [], None)


async def test_any_other_refusal_is_an_error(chat: Chat, wire: Wire) -> None:
    wire.faults["sendMessage"].append(bad_request("text must be non-empty"))

    with pytest.raises(BadRequest):
        await chat(said(FLAT))


async def test_a_reply_of_many_pages_points_at_its_message_once_and_has_its_buttons_at_the_end(
    chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "help", lambda: Notice("word " * REPLY_LIMIT_UNITS, service.topics().choices))
    calls = await chat(said("/help", chat=GROUP))

    assert len(calls) > 2
    assert [bool(call.data) for call in calls] == [False] * (len(calls) - 1) + [True]
    assert ["reply_parameters" in call.parameters for call in calls] == [True] + [False] * (len(calls) - 1)


async def test_a_reply_too_long_to_take_a_place_is_sent_below(chat: Chat, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async def long(*_: object) -> Said:
        return Said(Notice("word " * REPLY_LIMIT_UNITS), NOTHING, "topics")

    monkeypatch.setattr(service, "act", long)
    _, *shown = await chat(pressed("t::0"))

    assert len(shown) > 1
    assert {call.method for call in shown} == {"sendMessage"}


# --- privacy --------------------------------------------------------------------------------------------------------


async def test_privacy_is_said_to_whoever_asks(chat: Chat, service: Service) -> None:
    calls = await chat(said("/privacy"))

    assert [call.text for call in calls] == [service.privacy().text]


async def test_forget_leaves_nothing_of_the_person(chat: Chat, application: BotApplication, service: Service, store: MemoryStore) -> None:
    key = application.bot_data.keyring.name(ANN["id"], ANN["id"])
    backlog = application.bot_data.backlog = Backlog(store)
    await chat(said("how do i oil the chain"))
    before = await store.read_context(key)
    calls = await chat(said("/forget"))

    assert before is not None
    assert await store.read_context(key) is None
    assert await store.forget(key) == len(backlog) == 0
    assert [call.text for call in calls] == [service.say("forgotten").strip()]
