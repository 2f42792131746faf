"""A platform with fewer of what is read and made one by one, for moves that are made again and again."""

from mamigrate_sandbox.store import Store

ONE_IN = 10
"""Of lists that keep nobody from mail, so many stay."""


EVENTS_IN = 20
"""Of events of emails, and of what was sent through forms, so many go for one that stays."""


def thin(store: Store) -> None:
    """Leave one campaign, its lists, the lists that emails leave out, one in ten of the others, and one in twenty of events."""
    _less_history(store)
    campaigns = [id for id, _ in store.all("campaigns")]
    for id in campaigns[1:]:
        store.remove("campaigns", id)
    kept = _left_out(store) | {b for id in campaigns[:1] for b, _ in store.links("campaign-assets/OBJECT_LIST", id)}
    others = [id for id, _ in store.all("lists") if id not in kept]
    with store.transaction():
        for number, id in enumerate(others):
            if number % ONE_IN:
                _remove_list(store, id)


def _less_history(store: Store) -> None:
    forms = [id for id, _ in store.all("forms")]
    with store.transaction():
        for kind in ("email-events", *(f"submissions/{id}" for id in forms)):
            for number, id in enumerate([id for id, _ in store.all(kind)]):
                if number % EVENTS_IN:
                    store.remove(kind, id)
        for id in forms[2:]:
            store.remove("forms", id)


def _left_out(store: Store) -> set[str]:
    """Lists whose members an email is not sent to."""
    to = [(body.get("to") or {}).get("contactIlsLists") or {} for _, body in store.all("emails")]
    return {str(id) for lists in to for id in lists.get("exclude", ())}


def _remove_list(store: Store, id: str) -> None:
    for member, _ in store.links("membership", id):
        store.unlink("membership", id, member)
    store.remove("lists", id)
