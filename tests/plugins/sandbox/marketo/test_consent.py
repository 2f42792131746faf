"""The durable unsubscribe."""

from typing import Any


def create(api: Any, **fields: Any) -> int:
    return int(api.sync(fields, action="createDuplicate")[0]["id"])


def flag(api: Any, id: int) -> bool:
    return bool(api.lead(id, "unsubscribed")["unsubscribed"])


def change(api: Any, id: int, **fields: Any) -> None:
    row = api.sync({"id": id, **fields}, lookupField="id", action="updateOnly")[0]
    assert row["status"] == "updated"


def test_an_opt_out_reaches_every_record_of_the_address(api: Any) -> None:
    one, two, other = create(api, email="a@x.io"), create(api, email="A@X.io"), create(api, email="b@x.io")
    change(api, one, unsubscribed=True)
    assert [flag(api, id) for id in (one, two, other)] == [True, True, False]


def test_the_log_names_how_the_status_changed(api: Any) -> None:
    one, two = create(api, email="a@x.io"), create(api, email="a@x.io")
    change(api, one, unsubscribed=True)
    change(api, two, unsubscribed=False)
    told = [{one["name"]: one["value"] for one in row["attributes"]} for row in api.log(13)]
    reasons = [row["Reason"] for row in told]
    assert sum("updateLeadEmailStatus" in text for text in reasons) == 2
    assert sum("resetLeadEmailStatus" in text for text in reasons) == 2


def test_a_new_record_of_a_denied_address_is_denied_whatever_was_sent(api: Any) -> None:
    change(api, create(api, email="a@x.io"), unsubscribed=True)
    assert flag(api, create(api, email="a@x.io", unsubscribed=False))


def test_the_status_outlives_the_record(api: Any) -> None:
    id = create(api, email="a@x.io")
    change(api, id, unsubscribed=True)
    api.post("/rest/v1/leads/delete.json", {"input": [{"id": id}]})
    assert flag(api, create(api, email="a@x.io"))


def test_moving_to_another_address_takes_its_status(api: Any) -> None:
    denied, free = create(api, email="denied@x.io"), create(api, email="free@x.io")
    change(api, denied, unsubscribed=True)
    change(api, free, email="denied@x.io")
    assert flag(api, free)
    change(api, free, email="new@x.io")
    assert not flag(api, free)


def test_an_update_to_false_subscribes_every_record_again(api: Any) -> None:
    one, two = create(api, email="a@x.io"), create(api, email="a@x.io")
    change(api, one, unsubscribed=True)
    change(api, two, unsubscribed=False)
    assert [flag(api, one), flag(api, two)] == [False, False]
    assert not flag(api, create(api, email="a@x.io"))


def test_null_on_an_opt_out_subscribes_too(api: Any) -> None:
    id = create(api, email="a@x.io", unsubscribed=True)
    change(api, id, unsubscribed=None)
    assert not flag(api, id)


def test_leaving_the_key_out_leaves_the_opt_out_alone(api: Any) -> None:
    id = create(api, email="a@x.io", unsubscribed=True)
    change(api, id, city="Oslo")
    assert flag(api, id)


def test_creation_with_an_opt_out_marks_the_record_and_not_the_address_unless_switched_on(api: Any) -> None:
    assert flag(api, create(api, email="b@x.io", unsubscribed=True))
    assert not flag(api, create(api, email="b@x.io"))
    api.switch(create_sets_master=True)
    create(api, email="a@x.io", unsubscribed=True)
    assert flag(api, create(api, email="a@x.io"))


def test_a_suspension_is_stamped_and_stays(api: Any) -> None:
    id = create(api, email="a@x.io", emailSuspended=True)
    api.clock.advance(25 * 3600)
    api.renew()
    shown = api.lead(id, "emailSuspended", "emailSuspendedAt")
    assert shown["emailSuspended"] is True
    assert shown["emailSuspendedAt"] is not None


def test_the_other_consent_fields_belong_to_the_record_alone(api: Any) -> None:
    one, two = create(api, email="a@x.io"), create(api, email="a@x.io")
    change(api, one, blackListed=True, marketingSuspended=True, emailInvalid=True, doNotCall=True)
    assert not any(
        api.lead(two, "blackListed", "marketingSuspended", "emailInvalid", "doNotCall")[name]
        for name in ("blackListed", "doNotCall")
    )


def test_a_merge_loses_the_opt_out_of_a_loser_at_another_address(api: Any) -> None:
    """A yes/no field is never empty, so the winner's false wins."""
    winner, loser = create(api, email="a@x.io", city=""), create(api, email="b@x.io", city="Oslo")
    change(api, loser, unsubscribed=True)
    api.post(f"/rest/v1/leads/{winner}/merge.json", leadIds=str(loser))
    assert not flag(api, winner)
    assert api.lead(winner, "city")["city"] == "Oslo"


def test_a_merge_into_a_denied_address_stays_denied(api: Any) -> None:
    one, two = create(api, email="a@x.io", unsubscribed=True), create(api, email="b@x.io")
    api.post(f"/rest/v1/leads/{one}/merge.json", leadIds=str(two))
    assert flag(api, one)
