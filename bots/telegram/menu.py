"""The commands that clients show, by scope and language [https://core.telegram.org/bots/api#setmycommands]. Pure."""

from dataclasses import dataclass

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)

from texts.catalogue import FALLBACK, LANGUAGES, Texts, Words

IN_PRIVATE = ("start", "help", "privacy", "mydata", "forget")
FOR_MEMBERS = ("help", "privacy", "digest", "share", "join", "stop", "mydata", "forget", "receipt")
FOR_ADMINS = (*FOR_MEMBERS, "settings", "on", "pause", "off")


@dataclass(frozen=True, slots=True)
class Menu:
    """What one kind of person sees in one kind of chat, in one language; `language` None is for all the others."""

    scope: BotCommandScope
    language: str | None
    commands: tuple[BotCommand, ...]


def menus(texts: Texts) -> tuple[Menu, ...]:
    """Every menu. In groups each command is ephemeral (Bot API 10.2): seen by the one who sends it, and by us."""
    return tuple(
        menu
        for language in LANGUAGES
        for menu in _in_language(texts.speak(language), None if language == FALLBACK else language)
    )


def _in_language(words: Words, language: str | None) -> tuple[Menu, ...]:
    return (
        Menu(BotCommandScopeAllPrivateChats(), language, _commands(IN_PRIVATE, words, ephemeral=False)),
        Menu(BotCommandScopeAllGroupChats(), language, _commands(FOR_MEMBERS, words, ephemeral=True)),
        Menu(BotCommandScopeAllChatAdministrators(), language, _commands(FOR_ADMINS, words, ephemeral=True)),
    )


def _commands(names: tuple[str, ...], words: Words, *, ephemeral: bool) -> tuple[BotCommand, ...]:
    extra = {"is_ephemeral": True} if ephemeral else None
    return tuple(BotCommand(name, words.say(f"telegram.command.{name}"), api_kwargs=extra) for name in names)
