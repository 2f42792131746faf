"""/files/v3: files and folders (HubSpot docs, "Files")."""

import hashlib
from pathlib import PurePosixPath

import flask
import orjson

from mamigrate_sandbox.hubspot.portal import NOTHING, Answer, Portal, here, listed, sent, words
from mamigrate_sandbox.hubspot.refusals import conflict, invalid, not_found
from mamigrate_sandbox.store import Body

routes = flask.Blueprint("files", __name__)
BASE = "/files/v3/files"
FOLDERS = "/files/v3/folders"
_TYPES = {"png": "IMG", "jpg": "IMG", "jpeg": "IMG", "gif": "IMG", "svg": "IMG", "webp": "IMG", "pdf": "DOCUMENT", "docx": "DOCUMENT", "mp3": "AUDIO", "mp4": "MOVIE"}  # fmt: skip


@routes.get(f"{BASE}/search")
def search() -> Answer:
    return listed(_matching("files"), 10, 100)


@routes.get(f"{BASE}/<id>")
def get(id: str) -> Answer:
    return _one("files", id)


@routes.post(BASE)
def upload() -> Answer:
    """Multipart: ``file``, ``options``, and where it goes. An equal name in a folder follows the strategy given."""
    portal, form, file = here(), flask.request.form, flask.request.files.get("file")
    if file is None or not (form.get("folderId") or form.get("folderPath")):
        raise invalid("file and one of folderId and folderPath are required")
    options = orjson.loads(form.get("options") or b"{}")
    if not options.get("access"):
        raise invalid("options.access is required")
    folder = _one("folders", form["folderId"]) if form.get("folderId") else _folder_at(portal, form["folderPath"])
    name = PurePosixPath(form.get("fileName") or file.filename or "file")
    path = f"{folder['path']}/{name}"
    same = [body for _, body in portal.store.all("files") if body["path"] == path and not body.get("archived")]
    if same and options.get("duplicateValidationStrategy") == "RETURN_EXISTING":
        return same[0], 201
    if same and not options.get("overwrite") and options.get("duplicateValidationStrategy") == "REJECT":
        raise conflict(f"A file at {path} already exists")
    return _made(portal, name, path, folder, file.read(), options), 201


@routes.delete(f"{BASE}/<id>")
def delete(id: str) -> Answer:
    _one("files", id)
    here().store.remove("files", id)
    return NOTHING


@routes.get(f"{BASE}/<id>/signed-url")
def signed(id: str) -> Answer:
    file = _one("files", id)
    kept = {name: file.get(name) for name in ("name", "extension", "type", "size", "url")}
    return kept | {"expiresAt": here().stamp()}


@routes.get(f"{BASE}/stat/<path:path>")
def stat(path: str) -> Answer:
    for kind, name in (("files", "file"), ("folders", "folder")):
        for _, body in here().store.all(kind):
            if str(body.get("path", "")).strip("/") == path.strip("/"):
                return {name: body}
    raise not_found(f"Nothing at {path}")


@routes.get(f"{FOLDERS}/search")
def search_folders() -> Answer:
    return listed(_matching("folders"), 10, 100)


@routes.get(f"{FOLDERS}/<id>")
def get_folder(id: str) -> Answer:
    return _one("folders", id)


@routes.post(FOLDERS)
def create_folder() -> Answer:
    portal, body = here(), sent("name", what="FolderInput")
    parent = ""
    if body.get("parentFolderId"):
        parent = _one("folders", str(body["parentFolderId"]))["path"]
    elif body.get("parentPath"):
        parent = _folder_at(portal, body["parentPath"])["path"]
    return _folder_at(portal, f"{parent}/{body['name']}"), 201


# --- work -------------------------------------------------------------------------------------------------------------


def _one(kind: str, id: str) -> Body:
    found = here().store.get(kind, id)
    if found is None:
        raise not_found(f"No {kind.removesuffix('s')} with id {id}")
    return found


def _matching(kind: str) -> list[Body]:
    args = flask.request.args
    rows = [body for _, body in here().store.all(kind) if not body.get("archived")]
    for name in ("name", "path", "type", "extension", "url"):
        if args.get(name):
            rows = [row for row in rows if str(row.get(name, "")) == args[name]]
    folders, ids = words("parentFolderIds"), words("ids")
    rows = [row for row in rows if not folders or str(row.get("parentFolderId")) in folders]
    return [row for row in rows if not ids or row["id"] in ids]


def _folder_at(portal: Portal, path: str) -> Body:
    """The folder at a path; missing ones are made."""
    clean, parent = "/" + path.strip("/"), None
    for _, body in portal.store.all("folders"):
        if body.get("path") == clean:
            return body
    above = clean.rpartition("/")[0]
    if above:
        parent = _folder_at(portal, above)["id"]
    id, now = str(portal.store.next_id("folders", 9001)), portal.stamp()
    folder = {"id": id, "name": clean.rpartition("/")[2], "path": clean, "parentFolderId": parent}
    folder = {k: v for k, v in folder.items() if v is not None} | {
        "archived": False,
        "createdAt": now,
        "updatedAt": now,
    }
    portal.store.put("folders", id, folder)
    return folder


def _made(portal: Portal, name: PurePosixPath, path: str, folder: Body, content: bytes, options: Body) -> Body:
    id, now, extension = str(portal.store.next_id("files", 8001)), portal.stamp(), name.suffix.lstrip(".").lower()
    url = f"https://{portal.id}.fs1.example.com/hubfs/{portal.id}{path}"
    file = {
        "id": id, "name": name.stem, "path": path, "extension": extension, "type": _TYPES.get(extension, "OTHER"),
        "size": len(content), "encoding": extension, "url": url, "defaultHostingUrl": url, "access": options["access"],
        "isUsableInContent": True, "parentFolderId": folder["id"], "fileMd5": hashlib.md5(content).hexdigest(),
        "archived": False, "createdAt": now, "updatedAt": now,
    }  # fmt: skip
    portal.store.put("files", id, file)
    return file
