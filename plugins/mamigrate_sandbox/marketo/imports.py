"""Bulk lead import: a file becomes a job that waits, imports and completes on the sandbox's clock.

Facts: Adobe's bulk-import pages. Upsert only; never says created or updated, never gives ids.
"""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

from flask import Response, request

from mamigrate_sandbox.marketo import fields, leads, lists, writing
from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Broken, Refused, Reply
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

SOURCE = "List import"
FILE_BYTES = 10 * 1024 * 1024
QUEUED_AT_MOST = 10
SEPARATORS = {"csv": ",", "tsv": "\t", "ssv": ";"}
_ROWS_A_SECOND, _WAIT, _LONGEST = 500, 5.0, 30.0


def register(routes: Routes) -> None:
    routes.add("POST", "/bulk/v1/leads.json", create)
    routes.add("GET", "/bulk/v1/leads/batch/<int:id>.json", status)
    for which in ("failures", "warnings"):
        routes.add(
            "GET", f"/bulk/v1/leads/batch/<int:id>/{which}.json", lambda call, id, which=which: report(call, id, which)
        )


def create(call: Call) -> Reply:
    """413 above 10 MB, 612 for an unknown format, 613 without a file, 1016 when ten wait, 1019 for a list that is busy."""
    instance, format = call.instance, (call.text("format") or "").lower()
    if format not in SEPARATORS:
        raise Refused("1003", f"Invalid format '{format}'")
    text, list_id = _upload(), call.text("listId")
    waiting = instance.bodies("import-queue")
    if len(waiting) >= QUEUED_AT_MOST:
        raise Refused("1016", "Too many imports in queue")
    if list_id is not None and any(job["listId"] == list_id for job in waiting):
        raise Refused("1019", f"Import in progress on list '{list_id}'")
    if list_id is not None and instance.store.get("lists", list_id) is None:
        raise Refused("1013", f"List '{list_id}' not found")
    return Reply([_queue(call, format, text, list_id, waiting)])


def _upload() -> str:
    file = request.files.get("file")
    if file is None:
        raise Refused("613", "Invalid multipart request")
    data = file.read()
    if len(data) > FILE_BYTES:
        raise Broken(413, "Request Entity Too Large")
    try:
        return str(data, "utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("1003", "The file is not UTF-8") from None


def _queue(call: Call, format: str, text: str, list_id: str | None, waiting: list[Body]) -> Body:
    instance, lookup = call.instance, call.text("lookupField") or "email"
    rows = list(csv.reader(io.StringIO(text), delimiter=SEPARATORS[format]))
    known = fields.load(instance)
    header = rows[0] if rows else []
    fields.named(known, [*header, lookup])
    if lookup not in header:
        raise Refused("1003", f"The file has no column '{lookup}'")
    if (partition := call.text("partitionName")) is not None:
        writing.partition_id(instance, partition)
    id, now = instance.store.next_id("import-jobs", 1001), instance.now()
    begins = max([now, *[datetime.fromisoformat(job["ends"]) for job in waiting[-2:-1]]]) + timedelta(seconds=_WAIT)
    ends = begins + timedelta(seconds=min(_LONGEST - _WAIT, 1 + len(rows) / _ROWS_A_SECOND))
    job: Body = {
        "id": id,
        "format": format,
        "lookup": lookup,
        "listId": list_id,
        "partition": partition,
        "header": header,
    }
    job |= {"begins": begins.isoformat(), "ends": ends.isoformat(), "state": "Queued"}
    instance.store.put("import-jobs", str(id), job)
    instance.store.put("import-queue", str(id), job | {"rows": rows[1:]})
    return {"batchId": id, "importId": str(id), "status": "Queued"}


def settle(instance: Instance) -> None:
    """Run every import whose time has come. Cheap when none waits."""
    if not instance.store.count("import-queue"):
        return
    with instance.store.transaction():
        for id, job in list(instance.store.all("import-queue")):
            if datetime.fromisoformat(job["ends"]) <= instance.now():
                instance.store.remove("import-queue", id)
                _run(instance, id, job)


def _run(instance: Instance, id: str, job: Body) -> None:
    desk = writing.desk(instance, lookup=job["lookup"], partition=job["partition"], source=SOURCE)
    failures: list[list[str]] = []
    warnings: list[list[str]] = []
    done = joined = 0
    for row in job.pop("rows"):
        if not any(row):
            continue
        answer = _import(desk, job, row)
        if "id" not in answer:
            failures.append([*row, answer["reasons"][0]["message"]])
            continue
        done += 1
        if len(row) != len(job["header"]):
            warnings.append([*row, "Wrong number of columns"])
        if job["listId"] is not None:
            lists.join(instance, instance.store.get("lists", job["listId"]) or {}, answer["id"])
            joined += 1
    job |= {"state": "Complete", "done": done, "joined": joined, "failures": failures, "warnings": warnings}
    instance.store.put("import-jobs", id, job)


def _import(desk: writing.Desk, job: Body, row: list[str]) -> Body:
    record: dict[str, Any] = dict(zip(job["header"], row, strict=False))
    if desk.instance.switch("import_blank") == "keep":
        record = {name: value for name, value in record.items() if value != ""}
    if "unsubscribed" in record and not _may_write_consent(desk, record):
        del record["unsubscribed"]
    return writing.write(desk, record)


def _may_write_consent(desk: writing.Desk, record: Body) -> bool:
    """List imports do not overwrite the flag of people who are there (champions' and support's word)."""
    mode = desk.instance.switch("import_unsubscribed")
    if mode == "keep":
        key = record.get(desk.lookup.name)
        return not (key and leads.find(desk.instance, desk.lookup, key))
    return bool(mode == "write")


def _job(call: Call, id: int) -> Body:
    job = call.instance.store.get("import-jobs", str(id))
    if job is None:
        raise Refused("1013", f"Batch '{id}' not found")
    return job


def status(call: Call, id: int) -> Reply:
    job = _job(call, id)
    state = job["state"]
    if state == "Queued" and datetime.fromisoformat(job["begins"]) <= call.instance.now():
        state = "Importing"
    row: Body = {"batchId": id, "importId": str(id), "status": state}
    done, failed = job.get("done", 0), len(job.get("failures", []))
    row |= {
        "numOfLeadsProcessed": done,
        "numOfRowsFailed": failed,
        "numOfRowsWithWarning": len(job.get("warnings", [])),
    }
    if state == "Complete":
        row["message"] = _message(done, job["joined"], failed)
    return Reply([row])


def _message(done: int, joined: int, failed: int) -> str:
    told = f"{done} records imported ({joined} members)"
    return f"Import completed with errors, {told}, {failed} failed" if failed else f"Import succeeded, {told}"


def report(call: Call, id: int, which: str) -> Response:
    """The rows in the file's own format with one more column for the reason."""
    job = _job(call, id)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATORS[job["format"]], lineterminator="\n")
    rows = job.get(which, [])
    if rows:
        writer.writerow([*job["header"], "Import Failure Reason" if which == "failures" else "Import Warning Reason"])
        writer.writerows(rows)
    return Response(out.getvalue(), mimetype="text/csv")
