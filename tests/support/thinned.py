"""A platform with fewer of what is read and made one by one, for moves that are made again and again."""

import re
from collections.abc import Iterable
from typing import Any

from mamigrate_sandbox.store import Store

ONE_IN = 10
"""Of lists that keep nobody from mail, of emails, workflows, files and pages, so many stay."""
EVENTS_IN = 20
"""Of events of emails, and of what was sent through forms, so many go for one that stays."""
QUESTION = re.compile(r"q20(?!14)\d\d_\d\d")
"""Answers to the questionnaires of all years but one: fields that are alike."""


def thin(store: Store) -> None:
    """Leave one campaign, its lists, the lists that emails leave out with an email for each, and a few of everything else."""
    _less_history(store)
    _fewer_emails(store)
    for kind in ("flows", "files", "landing-pages", "site-pages"):
        _leave(store, kind, [id for id, _ in store.all(kind)][::ONE_IN])
    _leave(store, "properties/contacts", _told(store))
    campaigns = [id for id, _ in store.all("campaigns")]
    _leave(store, "campaigns", campaigns[:1])
    kept = _left_out(store) | {b for id in campaigns[:1] for b, _ in store.links("campaign-assets/OBJECT_LIST", id)}
    others = [id for id, _ in store.all("lists") if id not in kept]
    with store.transaction():
        for number, id in enumerate(others):
            if number % ONE_IN:
                _remove_list(store, id)


def _leave(store: Store, kind: str, kept: Iterable[str]) -> None:
    """Of a kind those that are ``kept`` and no other."""
    stay = frozenset(kept)
    with store.transaction():
        for id in [id for id, _ in store.all(kind) if id not in stay]:
            store.remove(kind, id)


def _less_history(store: Store) -> None:
    forms = [id for id, _ in store.all("forms")]
    for kind in ("email-events", *(f"submissions/{id}" for id in forms)):
        _leave(store, kind, [id for id, _ in store.all(kind)][::EVENTS_IN])
    _leave(store, "forms", forms[:2])


def _fewer_emails(store: Store) -> None:
    """One in ten, those that something happened to, and one for each list that an email leaves out."""
    emails = dict(store.all("emails"))
    campaigns = {id: str(body["contentId"]) for id, body in store.all("email-campaigns")}
    met = {campaigns[id] for id in {str(body["emailCampaignId"]) for _, body in store.all("email-events")}}
    leaving_out = {list: id for id, body in emails.items() for list in _excluded(body)}
    stay = {*list(emails)[::ONE_IN], *met, *leaving_out.values()}
    _leave(store, "emails", stay)
    _leave(store, "email-campaigns", [id for id, email in campaigns.items() if email in stay])


def _told(store: Store) -> list[str]:
    """Properties that say something about somebody, and the vendor's own; few of the questionnaires."""
    people = [body["properties"] for _, body in store.all("contacts")]
    said = {name for values in people for name, value in values.items() if value not in (None, "")}
    known = [(id, body) for id, body in store.all("properties/contacts")]
    return [id for id, body in known if (body["hubspotDefined"] or id in said) and not QUESTION.fullmatch(id)]


def _left_out(store: Store) -> set[str]:
    """Lists whose members an email is not sent to."""
    return {list for _, body in store.all("emails") for list in _excluded(body)}


def _excluded(email: Any) -> list[str]:
    lists = (email.get("to") or {}).get("contactIlsLists") or {}
    return [str(id) for id in lists.get("exclude", ())]


def _remove_list(store: Store, id: str) -> None:
    for member, _ in store.links("membership", id):
        store.unlink("membership", id, member)
    store.remove("lists", id)
