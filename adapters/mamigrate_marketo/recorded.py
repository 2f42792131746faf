"""What recordings of Marketo may hold: routes of the API, and words of its interface. Nothing else lands."""

from mamigrate.testing.recording import Known

ROUTES = (
    "/identity/oauth/token",
    "/rest/asset/v1/folders.json",
    "/rest/asset/v1/{kind}.json",
    "/rest/asset/v1/{kind}/byName.json",
    "/rest/asset/v1/{kind}/{id}.json",
    "/rest/asset/v1/{kind}/{id}/smartList.json",
    "/rest/v1/leads/delete.json",
    "/rest/v1/leads/describe2.json",
    "/rest/v1/leads/schema/fields.json",
    "/rest/v1/lists/{list}/leads.json",
    "/rest/v1/opportunities/roles.json",
    "/rest/v1/stats/usage.json",
    "/rest/v1/{kind}.json",
    "/rest/v1/{kind}/describe.json",
)
WORDS = """
    1003 1004 1014 1016 1018 1019 1020 1022 1029 500 502 600 601 602 603 604 606 607 608 611 614 615 616 713
    719 Contact GET MKT Marketo POST TXN _method access_refused access_token account account_keys account_name
    action active added address alone amount annualRevenue annual_revenue api_name archived asset_class
    asset_permission asset_type asyncProcessing bad_value batchSize bearer billingCity billingCountry
    billingPostalCode billingState billingStreet birthday blackListed blackListedCause block boolean
    campaign_active campaigns_unread channel channels city client_credentials client_id client_secret closeDate
    close_date code companies company company_name complaint country createOnly createOrUpdate created
    createdAt created_at credentials_or_role crmManaged crm_contact_id crm_lead_id crm_link crm_linked currency
    daily_quota dataType data_type date dateOfBirth datetime deactivate dedupe dedupeBy dedupeFields deleted
    department description displayName doNotCall do_not_call domain email emailInvalid emailInvalidCause
    emailSuspended email_folded email_loose email_strict emails employee_count erasure errors expires_in
    externalCompanyId externalOpportunityId externalSalesPersonId false family_name fax field fields
    fields_unread filterType filterValues fires_on_write firstName fix float folder form forms given_name
    grant_type hidden honorific id idField ignore includeRules industry input integer isActive isApiCreated
    isCustom isHidden job_title key key_field_wrong_type kind label landingPages lastName leadId leadScore
    leadSource leadStatus lead_function lead_score lead_source lead_status leads length limit list lookupField
    mainPhone mamigrate marketingSuspended marketingSuspendedCause marketo marketoGUID maxReturn memberof
    merged_keys message mmSourceKey mobilePhone mobile_phone moreResult name nextPageToken none
    numberOfEmployees object objection of offset operational opportunities opportunity_name opportunity_stage
    opportunity_type org_hold origin other_emails owner_key page parent parent_key part partition partitionName
    path percent person person_keys phone pipeline postalCode postal_code program programs progressionStatuses
    quota rate raw readOnly read_at reason reasons reference region removed rename_field requestId rest result
    role rules salutation schema scope score searchableFields seq sfdc sfdcContactId sfdcLeadId share skipped
    smartCampaign smartCampaigns smartList smartLists snippet snippets soap source_hold stage startDate state
    staticList staticLists status step street string success text textarea time_hold title to token_type
    topic_opt_out total trigger triggers true type undeliverable unparsed unread unsubscribed
    unsubscribedReason updateOnly updateable updated updatedAt updated_at url used value values warnings
    website
"""
"""Keys, enumerations, codes and standard fields that the adapter knows by name."""

KNOWN = Known(ROUTES, frozenset(WORDS.split()))
