"""Bulk export jobs of people, activities and program members: create, enqueue, poll, fetch, cancel.

Facts: Adobe's bulk-extract pages. A job is seen by the API user who made it; its status changes once a minute at most.
"""

import hashlib
import re
import uuid
from datetime import datetime, timedelta

from flask import Response, request

from mamigrate_sandbox.marketo import extracts
from mamigrate_sandbox.marketo.call import Call
from mamigrate_sandbox.marketo.envelope import Refused, Reply, stamp
from mamigrate_sandbox.marketo.instance import Instance
from mamigrate_sandbox.marketo.routing import Routes
from mamigrate_sandbox.store import Body

QUEUED_AT_MOST = 10
RUNNING_AT_MOST = 2
_LISTED_DAYS = 30
_SHOWN = (
    "exportId",
    "format",
    "status",
    "createdAt",
    "queuedAt",
    "startedAt",
    "finishedAt",
    "numberOfRecords",
    "fileSize",
    "fileChecksum",
    "errorMsg",
)
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_ENDED = ("Completed", "Failed", "Cancelled")


def register(routes: Routes) -> None:
    for sort in extracts.SORTS:
        base = f"/bulk/v1/{sort.path}/export"
        routes.add("GET", f"{base}.json", lambda call, sort=sort: listed(call, sort))
        routes.add("POST", f"{base}/create.json", lambda call, sort=sort: create(call, sort))
        routes.add("POST", f"{base}/<id>/enqueue.json", lambda call, id, sort=sort: enqueue(call, sort, id))
        routes.add("POST", f"{base}/<id>/cancel.json", lambda call, id, sort=sort: cancel(call, sort, id))
        routes.add("GET", f"{base}/<id>/status.json", lambda call, id, sort=sort: status(call, sort, id))
        routes.add("GET", f"{base}/<id>/file.json", lambda call, id, sort=sort: file(call, sort, id))


def create(call: Call, sort: extracts.Sort) -> Reply:
    instance, body = call.instance, call.json("filter")
    _within_quota(instance)
    plan = extracts.check(instance, sort, body)
    id = str(uuid.uuid4())
    job: Body = {
        "exportId": id,
        "format": plan["format"],
        "status": "Created",
        "createdAt": instance.stamp(),
        "sort": sort.path,
        "plan": plan,
    }
    job["number"] = instance.store.next_id("export-numbers")
    instance.store.put("export-jobs", id, job)
    return Reply([_row(instance, job)])


def enqueue(call: Call, sort: extracts.Sort, id: str) -> Reply:
    instance = call.instance
    settle(instance)
    job = _need(call, sort, id)
    _within_quota(instance)
    if job["status"] != "Created":
        raise Refused("1029", "Export job has already been queued")
    if (
        sum(_state(instance, other) in ("Queued", "Processing") for other in instance.bodies("export-jobs"))
        >= QUEUED_AT_MOST
    ):
        raise Refused("1029", f"Too many jobs ({QUEUED_AT_MOST}) in queue")
    job |= {"status": "Queued", "queuedAt": instance.stamp(), **_slot(instance)}
    instance.store.put("export-jobs", id, job)
    return Reply([_row(instance, job)])


def _slot(instance: Instance) -> Body:
    """When the job will start and end: behind the others, two at a time."""
    slots = [instance.now()] * RUNNING_AT_MOST
    waiting = [job for job in instance.bodies("export-jobs") if job["status"] == "Queued"]
    for job in sorted(waiting, key=lambda job: str(job["starts"])):
        slots[slots.index(min(slots))] = datetime.fromisoformat(job["ends"])
    ready = instance.now() + timedelta(seconds=float(instance.switch("export_wait_seconds")))
    starts = max(ready, min(slots))
    ends = starts + timedelta(seconds=float(instance.switch("export_run_seconds")))
    return {"starts": starts.isoformat(), "ends": ends.isoformat()}


def cancel(call: Call, sort: extracts.Sort, id: str) -> Reply:
    settle(call.instance)
    job = _need(call, sort, id)
    if _state(call.instance, job) in _ENDED:
        raise Refused("1003", f"Export job '{id}' has ended")
    job["status"] = "Cancelled"
    call.instance.store.put("export-jobs", id, job)
    return Reply([_row(call.instance, job)])


def status(call: Call, sort: extracts.Sort, id: str) -> Reply:
    settle(call.instance)
    return Reply([_row(call.instance, _need(call, sort, id))])


def listed(call: Call, sort: extracts.Sort) -> Reply:
    settle(call.instance)
    since, wanted = stamp(call.instance.now() - timedelta(days=_LISTED_DAYS)), set(call.many("status"))
    jobs = [
        job for job in call.instance.bodies("export-jobs") if job["sort"] == sort.path and job["createdAt"] >= since
    ]
    rows = [_row(call.instance, job) for job in sorted(jobs, key=lambda job: job["number"])]
    page, token = call.slice([row for row in rows if not wanted or row["status"] in wanted])
    return Reply(page, token)


def file(call: Call, sort: extracts.Sort, id: str) -> Response:
    """404 with plain text while there is no file; ``Range`` answers 206."""
    instance = call.instance
    settle(instance)
    job, kept = instance.store.get("export-jobs", id), instance.store.get("files", id)
    if job is None or job["sort"] != sort.path or kept is None or not _is_there(instance, job):
        return Response("The requested file is not available", 404, mimetype="text/plain")
    data = kept["text"].encode()
    span = _RANGE.fullmatch(request.headers.get("Range", ""))
    if span is None:
        return Response(data, mimetype="text/csv", headers={"Accept-Ranges": "bytes"})
    start, end = int(span[1]), min(int(span[2]) if span[2] else len(data) - 1, len(data) - 1)
    if start > end:
        return Response("Requested range not satisfiable", 416, mimetype="text/plain")
    place = {"Content-Range": f"bytes {start}-{end}/{len(data)}", "Accept-Ranges": "bytes"}
    return Response(data[start : end + 1], 206, mimetype="text/csv", headers=place)


def _need(call: Call, sort: extracts.Sort, id: str) -> Body:
    job = call.instance.store.get("export-jobs", id)
    if job is None or job["sort"] != sort.path:
        raise Refused("1013", f"Export job '{id}' not found")
    return job


def _row(instance: Instance, job: Body) -> Body:
    state = _state(instance, job)
    row = {key: job[key] for key in _SHOWN if key in job} | {"status": state}
    if state in ("Queued", "Processing"):
        row = {key: row[key] for key in ("exportId", "format", "status", "createdAt", "queuedAt")}
    if state == "Processing":
        row["startedAt"] = stamp(datetime.fromisoformat(job["starts"]))
    return row | ({"status": instance.switch("cancelled_word")} if state == "Cancelled" else {})


def _state(instance: Instance, job: Body) -> str:
    """What a caller may know: the truth at the last whole step since the job was queued."""
    if "starts" not in job or job["status"] in ("Cancelled", "Failed"):
        return str(job["status"])
    queued, step = datetime.fromisoformat(job["queuedAt"]), float(instance.switch("export_status_step"))
    known = queued + timedelta(seconds=((instance.now() - queued).total_seconds() // step) * step)
    if known >= datetime.fromisoformat(job["ends"]):
        return "Completed"
    return "Processing" if known >= datetime.fromisoformat(job["starts"]) else "Queued"


def _within_quota(instance: Instance) -> None:
    if instance.store.add(f"export-bytes/{instance.quota_day()}", 0) >= int(instance.switch("export_bytes_per_day")):
        raise Refused("1029", "Export daily quota exceeded")


def _is_there(instance: Instance, job: Body) -> bool:
    kept = timedelta(days=float(instance.switch("export_file_days")))
    return _state(instance, job) == "Completed" and instance.now() <= datetime.fromisoformat(job["ends"]) + kept


def settle(instance: Instance) -> None:
    """Write the file of every job whose time has come."""
    for job in instance.bodies("export-jobs"):
        if job["status"] == "Queued" and datetime.fromisoformat(job["ends"]) <= instance.now():
            _complete(instance, job)


def _complete(instance: Instance, job: Body) -> None:
    text, count = extracts.text(instance, job["sort"], job["plan"])
    data = text.encode()
    job |= {"status": "Completed", "numberOfRecords": count, "fileSize": len(data)}
    job |= {
        "startedAt": stamp(datetime.fromisoformat(job["starts"])),
        "finishedAt": stamp(datetime.fromisoformat(job["ends"])),
    }
    job["fileChecksum"] = f"sha256:{hashlib.sha256(data).hexdigest()}"
    instance.store.put("files", job["exportId"], {"text": text})
    instance.store.put("export-jobs", job["exportId"], job)
    instance.store.add(f"export-bytes/{instance.quota_day()}", len(data))
