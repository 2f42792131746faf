"""A platform with fewer of what is read and made one by one, for moves that are made again and again."""

from mamigrate_sandbox.store import Store

ONE_IN = 10
"""Of lists that keep nobody from mail, so many stay."""


def thin(store: Store) -> None:
    """Leave one campaign, its lists, the lists that emails leave out, and one in ten of the others."""
    campaigns = [id for id, _ in store.all("campaigns")]
    for id in campaigns[1:]:
        store.remove("campaigns", id)
    kept = _left_out(store) | {b for id in campaigns[:1] for b, _ in store.links("campaign-assets/OBJECT_LIST", id)}
    others = [id for id, _ in store.all("lists") if id not in kept]
    with store.transaction():
        for number, id in enumerate(others):
            if number % ONE_IN:
                _remove_list(store, id)


def _left_out(store: Store) -> set[str]:
    """Lists whose members an email is not sent to."""
    to = [(body.get("to") or {}).get("contactIlsLists") or {} for _, body in store.all("emails")]
    return {str(id) for lists in to for id in lists.get("exclude", ())}


def _remove_list(store: Store, id: str) -> None:
    for member, _ in store.links("membership", id):
        store.unlink("membership", id, member)
    store.remove("lists", id)
