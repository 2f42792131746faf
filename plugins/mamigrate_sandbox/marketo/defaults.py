"""What every Marketo instance has before anybody works on it: fields, folders, channels, activity types, credentials."""

from mamigrate_sandbox.marketo import standard
from mamigrate_sandbox.store import Body, Store

# The birth of the root folders. Clients take it for the first day on which anybody can have been created.
FOUNDED = "2016-01-04T03:04:05Z"
CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret"

# id, name, folder type, parent, path. Facts: Adobe's folder pages name the roots; ids as commonly seen.
_FOLDERS = [
    (1, "Design Studio", "Zone", None),
    (14, "Marketing Activities", "Zone", None),
    (13, "Lead Database", "Zone", None),
    (15, "Default", "Marketing Folder", 14),
    (16, "Default Design Studio", "Zone", 1),
    (11, "Emails", "Email", 16),
    (17, "Forms", "Landing Page Form", 16),
    (18, "Landing Pages", "Landing Page", 16),
    (19, "Snippets", "Email", 16),
    (20, "Images and Files", "Image", 16),
    (21, "Group Lists", "Zone", 13),
    (22, "Group Smart Lists", "Zone", 13),
    (35, "Programs", "Marketing Folder", 15),
]

# name, type, ladder: status, step, * means success.
_CHANNELS = [
    ("Email Blast", "program", "Member 10, Unsubscribed 15, Clicked 20 *"),
    ("Email Send", "email_batch", "Sent 10, Opened 20, Clicked 30 *, Unsubscribed 40"),
    ("Nurture", "nurture", "Member 10, Engaged 20 *"),
    ("Online Advertising", "program", "Invited 10, Registered 20, Engaged 30 *"),
    ("Content", "program", "Member 10, Downloaded 20 *"),
    ("Web Request", "program", "Member 10, Requested 20 *"),
    ("List Import", "program", "Member 10"),
    ("Operational", "program", "Member 10"),
    ("Web Content", "program", "Visited 10, Engaged 20 *"),
    ("Tradeshow", "event", "Invited 10, Registered 20, Visited Booth 30 *, Met 40 *"),
    ("Seminar", "event", "Invited 10, Registered 20, Waitlisted 25, No Show 30, Attended 40 *"),
    ("Roadshow", "event", "Invited 10, Registered 20, Waitlisted 25, No Show 30, Attended 40 *"),
    ("Webinar", "event", "Invited 10, Registered 20, No Show 30, Attended 40 *, Attended On-demand 50 *"),
    ("Online Webinar", "webinar", "Invited 10, Registered 20, No Show 30, Attended 40 *, Attended On-demand 50 *"),
]

# id, name, primary attribute and its type, other attributes.
_ACTIVITY_TYPES = """
1|Visit Webpage|Webpage ID:integer|Client IP Address,Query Parameters,Referrer URL,User Agent,Webpage URL
2|Fill Out Form|Webform ID:integer|Client IP Address,Form Fields:text,Query Parameters,Referrer URL,User Agent,Webpage ID:integer
3|Click Link|Link ID:integer|Client IP Address,Query Parameters,Referrer URL,User Agent,Webpage ID:integer
6|Send Email|Mailing ID:integer|Campaign Run ID:integer,Choice Number:integer,Step ID:integer
7|Email Delivered|Mailing ID:integer|Campaign Run ID:integer,Choice Number:integer,Step ID:integer
8|Email Bounced|Mailing ID:integer|Category,Details,Email,Subcategory
9|Unsubscribe Email|Mailing ID:integer|Client IP Address,Form Fields:text,Webform ID:integer,Webpage ID:integer
10|Open Email|Mailing ID:integer|Device,Is Mobile Device:boolean,Platform,User Agent
11|Click Email|Mailing ID:integer|Device,Is Mobile Device:boolean,Link,Platform,User Agent
12|New Lead||Created Date:date,Form Name,List Name,SFDC Type,Source Type
13|Change Data Value|Attribute Name:string|New Value,Old Value,Reason,Source
22|Change Score|Score Name:string|Change Value,New Value:integer,Old Value:integer,Reason
24|Add to List|List ID:integer|Source
25|Remove from List|List ID:integer|Source
27|Email Bounced Soft|Mailing ID:integer|Category,Details,Email,Subcategory
32|Merge Leads|Lead ID:integer|Master Updated:boolean,Merge IDs,Merge Source,Merged in Sales:boolean
37|Delete Lead|Lead ID:integer|Campaign,Remove from CRM:boolean
38|Send Alert|Mailing ID:integer|Send To List:text
46|Interesting Moment|Type:string|Date:datetime,Description,Source
47|Request Campaign|Campaign ID:integer|Source
100|Change Lead Partition|New Partition ID:integer|Old Partition Id:integer,New Partition Id:integer,Reason
101|Change Revenue Stage|Model ID:integer|New Stage,Old Stage,Reason
104|Change Status in Progression|Program ID:integer|Acquired By:boolean,New Status,Old Status,Program Member ID:integer,Reason,Success:boolean
113|Add to Nurture|Program ID:integer|Track ID:integer
114|Change Nurture Track|Program ID:integer|New Track ID:integer,Previous Track ID:integer
115|Change Nurture Cadence|Program ID:integer|New Nurture Cadence,Previous Nurture Cadence
123|Change Program Member Data|Program ID:integer|Attribute Name,New Value,Old Value,Reason,Source
145|Push Lead to Marketo|Program ID:integer|Reason,Source
155|Execute Campaign|Campaign ID:integer|Qualified:boolean,Used Parent Campaign Token Context:boolean
"""


def install_defaults(store: Store, founded: str = FOUNDED) -> None:
    """Fill an empty store; what is there already stays. No lead of an estate may be older than ``founded``."""
    with store.transaction():
        _settings(store)
        for object in ("lead", "company", "opportunity", "opportunityRole", "salesPerson", "programMember"):
            for body in standard.documents(object):
                _put(store, f"fields/{object}", body["name"], body)
        _put(store, "partitions", "1", {"id": 1, "name": "Default", "description": "Initial system lead partition"})
        for id, name, type, parent in _FOLDERS:
            _put(store, "folders", str(id), _folder(id, name, type, parent, founded), {"name": name.lower()})
        for number, (name, type, ladder) in enumerate(_CHANNELS, 1):
            _put(store, "channels", str(number), channel(number, name, type, ladder), {"name": name.lower()})
        for line in _ACTIVITY_TYPES.strip().splitlines():
            body = _activity_type(line)
            _put(store, "activity-types", str(body["id"]), body)


def _settings(store: Store) -> None:
    wanted = {
        "instance": {"munchkinId": "123-ABC-456", "timeZone": "America/Los_Angeles", "name": "Sandbox"},
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "api_user": "api-user@sandbox.example",
        "crm": {"attached": False},
        "switches": {},
    }
    for name, value in wanted.items():
        if store.setting(name) is None:
            store.set(name, value)


def _put(store: Store, kind: str, id: str, body: Body, keys: dict[str, str] | None = None) -> None:
    if store.get(kind, id) is None:
        store.put(kind, id, body, keys)


def _folder(id: int, name: str, type: str, parent: int | None, founded: str) -> Body:
    body: Body = {
        "name": "Default" if name == "Default Design Studio" else name,
        "description": "",
        "createdAt": founded,
        "updatedAt": founded,
    }
    body |= {"url": None, "folderId": {"id": id, "type": "Folder"}, "folderType": type, "id": id}
    body |= {"parent": {"id": parent, "type": "Folder"} if parent else None, "path": _path(id)}
    return body | {"isArchive": False, "isSystem": id != 35, "accessZoneId": 1, "workspace": "Default"}


def _path(id: int) -> str:
    by_id = {folder[0]: folder for folder in _FOLDERS}
    _, name, _, parent = by_id[id]
    own = "Default" if name == "Default Design Studio" else name
    return f"{_path(parent)}/{own}" if parent else f"/{own}"


def channel(id: int, name: str, type: str, ladder: str) -> Body:
    """A channel from a ladder like ``Invited 10, Attended 40 *``; ``*`` marks success. Not in Program is always there."""
    steps = [_step(text) for text in ["Not in Program 0", *ladder.split(",")]]
    return {
        "id": id,
        "name": name,
        "applicableProgramType": type,
        "progressionStatuses": steps,
        "createdAt": FOUNDED,
        "updatedAt": FOUNDED,
    }


def _step(text: str) -> Body:
    success = text.rstrip().endswith("*")
    name, _, step = text.replace("*", "").strip().rpartition(" ")
    return {"name": name, "step": int(step), "description": None, "hidden": False, "success": success}


def _activity_type(line: str) -> Body:
    id, name, primary, rest = line.split("|")
    body: Body = {
        "id": int(id),
        "name": name,
        "description": name,
        "attributes": [_attribute(one) for one in rest.split(",")],
    }
    return body | ({"primaryAttribute": _attribute(primary)} if primary else {})


def _attribute(text: str) -> Body:
    name, _, type = text.partition(":")
    return {"name": name, "dataType": type or "string"}
