"""Use and errors by day, and the user service.

Facts: Adobe's usage page; the user service answers without the envelope.
"""

from datetime import timedelta

from flask import Response

from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Reply, as_json
from mamigrate_sandbox.marketo.instance import CENTRAL, Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

_USERS = "/userservice/management/v1/users"


def register(routes: Routes) -> None:
    for path, days in (("", 1), ("/last7days", 7)):
        routes.add("GET", f"/rest/v1/stats/usage{path}.json", lambda call, days=days: usage(call, days))
        routes.add("GET", f"/rest/v1/stats/errors{path}.json", lambda call, days=days: errors(call, days))
    routes.add("GET", f"{_USERS}/allusers.json", all_users)
    routes.add("GET", f"{_USERS}/roles.json", roles)
    routes.add("GET", f"{_USERS}/workspaces.json", workspaces)
    routes.add("GET", f"{_USERS}/<id>/user.json", user)
    routes.add("GET", f"{_USERS}/<id>/roles.json", user_roles)


def _days(instance: Instance, count: int) -> list[str]:
    today = instance.now().astimezone(CENTRAL).date()
    return [(today - timedelta(days=back)).isoformat() for back in range(count)]


def usage(call: Call, days: int) -> Reply:
    counts = call.instance.store.counters()
    rows: list[Body] = []
    for day in _days(call.instance, days):
        total = counts.get(f"usage/{day}", 0)
        users = [{"userId": call.instance.user(), "count": total}] if total else []
        rows.append({"date": day, "total": total, "users": users})
    return Reply(rows)


def errors(call: Call, days: int) -> Reply:
    counts = call.instance.store.counters()
    rows: list[Body] = []
    for day in _days(call.instance, days):
        head = f"errors/{day}/"
        found = [
            {"errorCode": name.removeprefix(head), "count": n} for name, n in counts.items() if name.startswith(head)
        ]
        rows.append(
            {"date": day, "total": sum(n for name, n in counts.items() if name.startswith(head)), "errors": found}
        )
    return Reply(rows)


def _user(instance: Instance) -> Body:
    return {
        "userid": instance.user(),
        "firstName": "API",
        "lastName": "User",
        "emailAddress": instance.user(),
        "id": 1,
        "apiOnly": True,
    }


def all_users(call: Call) -> Response:
    return as_json([_user(call.instance)])


def user(call: Call, id: str) -> Response:
    return as_json(_user(call.instance))


def roles(call: Call) -> Response:
    return as_json(
        [{"id": 101, "name": "API Role", "description": "", "type": "custom", "hidden": False, "onlyAllZones": False}]
    )


def user_roles(call: Call, id: str) -> Response:
    return as_json([{"accessRoleId": 101, "accessRoleName": "API Role", "workspaceId": 1, "workspaceName": "Default"}])


def workspaces(call: Call) -> Response:
    return as_json([{"id": 1, "name": "Default", "description": "Default workspace", "status": "active"}])
