"""A client that others wrote works on the sandbox as it is: marketorestpython.

It takes a Munchkin id and makes ``https://<id>.mktorest.com`` of it; ``host`` is a public attribute of the client object, so
the test points it to the local server. Nothing of the client is subclassed or patched.
"""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cheroot import wsgi
from marketorestpython.client import MarketoClient

from mamigrate_sandbox.clock import SandboxClock
from mamigrate_sandbox.marketo.app import create
from mamigrate_sandbox.marketo.defaults import CLIENT_ID, CLIENT_SECRET, install_defaults
from mamigrate_sandbox.store import Store


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, SandboxClock]]:
    store = Store(tmp_path / "marketo.sqlite")
    install_defaults(store)
    clock = SandboxClock(store, speed=60)
    running = wsgi.Server(("127.0.0.1", 0), create(store, clock), numthreads=8)
    running.prepare()
    thread = threading.Thread(target=running.serve)
    thread.start()
    yield f"http://127.0.0.1:{running.bind_addr[1]}", clock
    running.stop()
    thread.join()
    store.close()


@pytest.fixture
def marketo(server: tuple[str, SandboxClock]) -> Any:
    client = MarketoClient("123-ABC-456", CLIENT_ID, CLIENT_SECRET, requests_timeout=20.0)
    client.host = server[0]
    return client


def test_the_client_writes_reads_and_deletes_people(marketo: Any) -> None:
    people = [{"email": "a@x.io", "firstName": "美咲"}, {"email": "b@x.io"}]
    made = marketo.execute(method="create_update_leads", leads=people, lookupField="email", action="createOrUpdate")
    assert [row["status"] for row in made] == ["created", "created"]
    found = marketo.execute(
        method="get_multiple_leads_by_filter_type", filterType="email", filterValues=["a@x.io"], fields=["firstName"]
    )
    assert found[0]["firstName"] == "美咲"
    assert len(marketo.execute(method="describe")) > 100
    listed = marketo.execute(method="create_list", folderId=21, folderType="Folder", name="VIP")[0]["id"]
    added = marketo.execute(method="add_leads_to_list", listId=listed, id=[made[0]["id"]])
    assert added == [{"id": made[0]["id"], "status": "added"}]
    members = marketo.execute(method="get_multiple_leads_by_list_id", listId=str(listed), fields=["email"])
    assert [row["email"] for row in members] == ["a@x.io"]
    assert marketo.execute(method="delete_lead", id=[made[1]["id"]])[0]["status"] == "deleted"


def test_the_client_works_with_programs_folders_and_tokens(marketo: Any) -> None:
    program = marketo.execute(
        method="create_program", folderId=35, folderType="Folder", name="Fair", type="Event", channel="Tradeshow"
    )[0]
    assert marketo.execute(method="get_program_by_name", name="Fair")[0]["id"] == program["id"]
    marketo.execute(
        method="create_token", id=str(program["id"]), folderType="Program", type="text", name="City", value="Kyoto"
    )
    assert (
        marketo.execute(method="get_tokens", id=str(program["id"]), folderType="Program")[0]["tokens"][0]["value"]
        == "Kyoto"
    )
    folder = marketo.execute(method="create_folder", name="2026", parentId=35, parentType="Folder")[0]
    assert marketo.execute(method="get_folder_by_id", id=folder["id"], type="Folder")[0]["name"] == "2026"
    assert marketo.execute(method="get_emails") in ([], None)


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # the client never closes the file it sends
def test_the_client_runs_a_bulk_export_and_an_import(
    server: tuple[str, SandboxClock], marketo: Any, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("email,firstName\na@x.io,A\n")
    batch = marketo.execute(method="import_lead", file=str(file), format="csv", lookupField="email")[0]["batchId"]
    server[1].advance(60)
    assert marketo.execute(method="get_import_lead_status", id=batch)[0]["status"] == "Complete"
    day = server[1].now().strftime("%Y-%m-%d")
    window = {"createdAt": {"startAt": f"{day}T00:00:00Z", "endAt": f"{day}T23:59:59Z"}}
    job = marketo.execute(method="create_leads_export_job", fields=["email"], filters=window)[0]["exportId"]
    marketo.execute(method="enqueue_leads_export_job", job_id=job)
    server[1].advance(200)
    assert marketo.execute(method="get_leads_export_job_status", job_id=job)[0]["status"] == "Completed"
    assert marketo.execute(method="get_leads_export_job_file", job_id=job) == b"email\na@x.io\n"


def test_many_threads_write_without_losing_anybody(server: tuple[str, SandboxClock], marketo: Any) -> None:
    import requests

    marketo.authenticate()
    head = {"Authorization": f"Bearer {marketo.token}"}

    def write(number: int) -> None:
        rows = [{"email": f"{number}-{n}@x.io"} for n in range(20)]
        answer = requests.post(f"{server[0]}/rest/v1/leads.json", json={"input": rows}, headers=head, timeout=20)
        assert answer.json()["success"], answer.text

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    query = {"filterType": "email", "filterValues": ",".join(f"{number}-19@x.io" for number in range(6))}
    answer = requests.get(f"{server[0]}/rest/v1/leads.json", params=query, headers=head, timeout=20).json()
    assert len(answer["result"]) == 6
