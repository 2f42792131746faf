"""The vendor's own client, unmodified, works on the sandbox; so does any thread."""

import concurrent.futures
from collections.abc import Callable
from typing import Any

import pytest
import requests
from hubspot import HubSpot
from hubspot.crm import associations, companies, contacts, lists, properties

from mamigrate_sandbox.store import Store


@pytest.fixture
def hub(served: str, store: Store) -> Any:
    return HubSpot(access_token=store.setting("access_token"), host=served)


def test_contacts(hub: Any) -> None:
    api = hub.crm.contacts
    wanted = contacts.SimplePublicObjectInputForCreate(properties={"email": "a@example.com", "firstname": "A"})
    made = api.basic_api.create(wanted)
    assert made.properties["email"] == "a@example.com"
    change = contacts.SimplePublicObjectInput(properties={"phone": "1"})
    assert api.basic_api.update(made.id, change).properties["phone"] == "1"
    with pytest.raises(contacts.ApiException) as refused:
        api.basic_api.create(wanted)
    assert refused.value.status == 409
    assert [row.id for row in api.get_all()] == [made.id]
    history = api.basic_api.get_by_id(made.id, properties_with_history=["phone"])
    assert history.properties_with_history["phone"][0].value == "1"
    api.basic_api.archive(made.id)
    with pytest.raises(contacts.ApiException):
        api.basic_api.get_by_id(made.id)


def test_batches_and_merge(hub: Any) -> None:
    api = hub.crm.contacts
    rows = [
        contacts.SimplePublicObjectBatchInputForCreate(associations=[], properties={"email": f"{n}@example.com"})
        for n in range(2)
    ]
    made = api.batch_api.create(contacts.BatchInputSimplePublicObjectBatchInputForCreate(inputs=rows)).results
    ids = sorted(row.id for row in made)
    read = contacts.BatchReadInputSimplePublicObjectId(
        properties=["email"], properties_with_history=[], inputs=[contacts.SimplePublicObjectId(id=id) for id in ids]
    )
    assert len(api.batch_api.read(read).results) == 2
    upsert = contacts.SimplePublicObjectBatchInputUpsert(
        id="0@example.com", id_property="email", properties={"city": "X"}
    )
    answer = api.batch_api.upsert(contacts.BatchInputSimplePublicObjectBatchInputUpsert(inputs=[upsert]))
    assert answer.results[0].new is False
    merge = contacts.PublicMergeInput(primary_object_id=ids[0], object_id_to_merge=ids[1])
    assert hub.crm.contacts.basic_api.merge(merge).properties["hs_merged_object_ids"] == ";".join(ids)


def test_search(hub: Any, clock: Any) -> None:
    wanted = companies.SimplePublicObjectInputForCreate(properties={"name": "Acme", "domain": "acme.example"})
    made = hub.crm.companies.basic_api.create(wanted)
    clock.advance(10)
    condition = companies.Filter(property_name="domain", operator="EQ", value="acme.example")
    request = companies.PublicObjectSearchRequest(
        filter_groups=[companies.FilterGroup(filters=[condition])], limit=10, properties=["name"], sorts=[], after="0"
    )
    found = hub.crm.companies.search_api.do_search(request)
    assert (found.total, found.results[0].id) == (1, made.id)


def test_properties_owners_and_pipelines(hub: Any, store: Store) -> None:
    wanted = properties.PropertyCreate(
        name="mk_tier", label="Tier", type="enumeration", field_type="select", group_name="contactinformation",
        options=[properties.OptionInput(label="A", value="a", hidden=False, display_order=0)],
    )  # fmt: skip
    assert hub.crm.properties.core_api.create("contacts", wanted).options[0].value == "a"
    assert "mk_tier" in [row.name for row in hub.crm.properties.core_api.get_all("contacts").results]
    owner = {"id": "501", "email": "o@example.com", "type": "PERSON", "archived": False}
    owner |= {"createdAt": "2026-01-01T00:00:00Z", "updatedAt": "2026-01-01T00:00:00Z"}
    store.put("owners", "501", owner)
    assert [row.id for row in hub.crm.owners.get_all()] == ["501"]
    assert hub.crm.pipelines.pipelines_api.get_all("deals").results[0].id == "default"


def test_lists(hub: Any, contact: Callable[..., str]) -> None:
    id, api = contact("a@example.com"), hub.crm.lists
    wanted = lists.ListCreateRequest(object_type_id="0-1", processing_type="MANUAL", name="L")
    made = api.lists_api.create(wanted).list
    assert api.memberships_api.add(made.list_id, [id]).records_ids_added == [id]
    page = api.memberships_api.get_page(made.list_id)
    assert [row.record_id for row in page.results] == [id]
    search = lists.ListSearchRequest(additional_properties=[], offset=0, query="L")
    assert api.lists_api.do_search(search).total == 1


def test_associations(hub: Any, contact: Callable[..., str]) -> None:
    id = contact("a@example.com")
    wanted = companies.SimplePublicObjectInputForCreate(properties={"name": "Acme"})
    company = hub.crm.companies.basic_api.create(wanted).id
    hub.crm.associations.v4.basic_api.create_default("contacts", id, "companies", company)
    page = hub.crm.associations.v4.basic_api.get_page("contacts", id, "companies")
    assert [(str(row.to_object_id), len(row.association_types)) for row in page.results] == [(company, 2)]
    many = associations.BatchInputPublicObjectId(inputs=[associations.PublicObjectId(id=id)])
    assert hub.crm.associations.batch_api.read("contacts", "companies", many).results[0].to[0].id == company


def test_subscriptions(hub: Any) -> None:
    from hubspot.communication_preferences import ApiException, PublicUpdateSubscriptionStatusRequest

    api = hub.communication_preferences
    kinds = api.definition_api.get_page().subscription_definitions
    wanted = PublicUpdateSubscriptionStatusRequest(email_address="a@example.com", subscription_id=kinds[0].id)
    assert api.status_api.subscribe(wanted).status == "SUBSCRIBED"
    assert api.status_api.unsubscribe(wanted).status == "NOT_SUBSCRIBED"
    with pytest.raises(ApiException) as refused:
        api.status_api.subscribe(wanted)
    assert "cannot be updated because they have unsubscribed" in refused.value.body
    assert len(api.status_api.get_email_status("a@example.com").subscription_statuses) == 3


def test_many_threads_at_once_make_no_twin(served: str, store: Store) -> None:
    headers = {"Authorization": f"Bearer {store.setting('access_token')}"}

    def create(n: int) -> int:
        row = {"properties": {"email": f"{n % 10}@example.com"}}
        return requests.post(f"{served}/crm/v3/objects/contacts", json=row, headers=headers, timeout=10).status_code

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(create, range(40)))
    assert (codes.count(201), codes.count(409), store.count("contacts")) == (10, 30, 10)
