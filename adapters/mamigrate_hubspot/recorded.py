"""What recordings of HubSpot may hold: routes of the API, and words of its interface. Nothing else lands."""

from mamigrate.testing.recording import Known

ROUTES = (
    "/account-info/v3/details",
    "/account-info/v3/api-usage/daily/private-apps",
    "/automation/v4/flows",
    "/automation/v4/flows/batch/read",
    "/cms/v3/pages/{kind}",
    "/communication-preferences/v4/definitions",
    "/communication-preferences/v4/statuses/{address}",
    "/communication-preferences/v4/statuses/{address}/unsubscribe-all",
    "/communication-preferences/v4/statuses/batch/read",
    "/communication-preferences/v4/statuses/batch/unsubscribe-all/read",
    "/crm/v3/lists",
    "/crm/v3/lists/idmapping",
    "/crm/v3/lists/search",
    "/crm/v3/lists/{list}/memberships",
    "/crm/v3/objects/{object}",
    "/crm/v3/objects/{object}/batch/read",
    "/crm/v3/objects/{object}/search",
    "/crm/v3/owners",
    "/crm/v3/pipelines/{object}",
    "/crm/v3/properties/{object}",
    "/crm/v3/properties/{object}/{name}",
    "/crm/v4/associations/{from}/{to}/batch/read",
    "/email/public/v1/campaigns/{campaign}",
    "/email/public/v1/events",
    "/email/public/v1/subscriptions/timeline",
    "/files/v3/files/search",
    "/form-integrations/v1/submissions/forms/{form}",
    "/marketing/lead-scoring/2026-09-beta/scores",
    "/marketing/marketing-events/v3",
    "/marketing/v3/campaigns",
    "/marketing/v3/campaigns/{campaign}/assets/{kind}",
    "/marketing/v3/emails",
    "/marketing/v3/emails/statistics/list",
    "/marketing/v3/forms",
    "/marketing/v3/marketing-events/participations/{event}/breakdown",
)
WORDS = """
    0-1 0-2 0-3 1000 250 4-1553675 4-1555804 4-1555805 4-1639797 4-1639801 4-655002 4-665536 4-665538 4-666288
    4-666440 4-68559 4-69072 4-96000 50 ARCHIVED ASCENDING ASSOCIATION ATTENDED AUTOMATION_PLATFORM
    AUTOMATION_PLATFORM_FLOW America/New_York Asia/Tokyo BANNED BOUNCE CACHED CAMPAIGN_INFLUENCED CANCELLED
    CLICK COMMUNICATION_SUBSCRIPTION COMPLAINT COMPLETE CONSENT_WITH_NOTICE CRM DAILY DEFERRED DELIVERED
    DROPPED DYNAMIC EMAIL EMAIL_EVENT EMAIL_SUBSCRIPTION EVENT_BASED EXPIRED_AUTHENTICATION FILE_MANAGER_FILE
    FLOW_ID FORM FORM_SUBMISSION FORM_SUBMISSION_ON_PAGE GET GT GTE HubSpot IMG IMPORT INVALID_AUTHENTICATION
    IN_LIST LANDING_PAGE LEGITIMATE_INTEREST_CLIENT LEGITIMATE_INTEREST_OTHER LEGITIMATE_INTEREST_PQL MANUAL
    MARKETING MARKETING_EMAIL MARKETING_EVENT MISSING_SCOPES MKT NON_GDPR NOT_SPECIFIED NO_SHOW OBJECT_LIST
    OPEN OWNER PERFORMANCE_OF_CONTRACT PERSON PORTAL_BOUNCE PORTAL_STATUS PORTAL_WIDE POST PROCESSED
    PROCESS_AND_STORE PROPERTY REGISTERED REQUIRED SALES SECONDLY SENT SERVICE SITE_PAGE SLS SOURCE_CUSTOMER
    SOURCE_IMPORT SOURCE_RECIPIENT SPAM STANDARD SUBSCRIBED SUCCESS SVC TEN_SECONDLY_ROLLING TRANSACTIONAL TXN
    UNIFIED_EVENTS UNSUBSCRIBED USER UTC access_refused access_token accountType account_keys account_name
    action actions active actor additionalProperties address address_loose address_strict after aggregate all
    allEmailCampaignIds amount anchor annual_revenue annualrevenue api appId archived area area_unreadable asset asset_class
    asset_type assets associatedcompanyid associations attempt attendanceState audience auto bad_value batch
    birthday bool booleancheckbox bounce bounced brand browser businessUnitId calculated calculation_score
    calls campaign campaignId campaigns cancellations category causedByEvent change changeType changes channel
    checkbox city click close_date closedate communicationMethod communications communicationsCheckboxes
    companies company company_name complaint consent consent_unread contact contactId contactIlsLists
    contactLists contactProperty contacts contentId content_id context conversionId correlationId count
    counters country created createdAt created_at createdate crm crm_contact_id crm_lead_id crm_link
    crm_linked currentUsage date date_of_birth datetime dealname deals dealstage dealtype default_allows
    delivered denials_without_contact_unread department description deviceType direction displayOrder domain
    dropMessage dropReason dropped email emailCampaignId emailId email_ email_content_id email_events
    email_folded email_loose email_strict emails employee_count endTimestamp engagement_ enrol
    enrollmentCriteria enrolment enumeration errors eventAnchor eventFilterBranches eventName eventType
    eventTypeId event_filter_branches events exclude excluded exclusion exclusion_list_unresolved
    exclusions_unread explicit_consent false family family_name family_name_kana fax fetchStatus field
    fieldGroups fieldType fields file files filter filterBranch filterBranchType filterBranches filterGroups
    filterType filteredEvent filters firstName first_name_kana firstname firstname_kana flow flowId flowIds
    flow_id form formId formTypes form_id form_submissions formats forms from given_name given_name_kana goal
    goalFilterBranch grant grant_scope hasMore hasUniqueValue hi hidden holder honorific hs_additional_emails
    hs_analytics_source hs_audience hs_budget_items_sum_amount hs_calculated_merged_vids hs_call_body
    hs_call_direction hs_call_duration hs_call_status hs_call_title hs_campaign_status hs_communication_body
    hs_communication_channel_type hs_currency_code hs_email_direction hs_email_optout_ hs_email_status
    hs_email_subject hs_email_text hs_end_date hs_folder_name hs_form_id hs_goal hs_language
    hs_lastmodifieddate hs_lead_status hs_list_size hs_meeting_body hs_meeting_end_time hs_meeting_location
    hs_meeting_outcome hs_meeting_start_time hs_meeting_title hs_merged_object_ids hs_name hs_note_body
    hs_notes hs_object_id hs_owner hs_parent_company_id hs_postal_mail_body hs_spend_items_sum_amount
    hs_start_date hs_task_body hs_task_priority hs_task_status hs_task_subject hs_task_type hs_timestamp
    hs_utm html hubspot hubspotDefined hubspot_owner_id hubspotscore id idProperty image implied_grant import
    inListType include includeFilters industry inputValue inputs is isActive isEnabled job_title jobtitle
    joined_at json key kind label landing-pages language lastName last_name_kana lastmodifieddate lastname
    lastname_kana layoutSections lead_score lead_source lead_status legacy legacyListId
    legacyListIdsToIdsMapping legalBasis legalConsentOptions lifecycle_stage lifecyclestage limit link linkId
    list listBranches listFilterBranch listId listIds listMembershipFilterBranches list_id list_key listed
    lists lo location meetings membershipTimestamp merged_keys message metadata mm_source_key mobile_phone
    mobilephone modificationMetadata name next note notes numErrors number numberofemployees numemployees
    object objectId objectTypeId object_coordinates objection occurredAt of offset open operation operator
    opportunity_name opportunity_stage opportunity_type options or origin other_emails output owner owner_key
    owners page pageUrl page_views paging parent_key part path people person person_key person_keys phone
    phone_number phonenumber pipeline policyName portalId portalSubscriptionStatus postal_code postal_mail
    private-apps processingType processingTypes proof properties propertiesWithHistory property propertyName
    property_name purpose radio rate raw reEnrollmentTriggersFilterBranches readOnlyValue read_at reason
    recipient recordId referencedObjectType references referer refused region registrants reply replyTo
    requestedBy requiredScopes resetsAt response results salesforce salesforcecontactid salesforceleadid
    salutation scope_missing score scores scores_unread scoring search search_per_second select send sent
    share site-pages size sorts source sourceType source_property source_ref spamreport stage stages
    startDateTime startTimestamp state status statuses street string subCategory subject submittedAt
    subscriberIdString subscriptionDetails subscriptionId subscriptionIds subscriptionTypeId
    subscriptionTypeIds subscriptions suppression suppressionFilterBranch suppressionListIds system
    target_property tasks textarea timeZone timeline timestamp to toObjectId topic topic_opt_out topics total
    true type types unEnrollmentSetting unenrol unparsed unread unsubscribed until updatedAt updated_at url
    usageLimit used user value values website wide wideStatusType wideStatuses widgetContainers widgets
    work_email workflows yes zip
"""
"""Keys, enumerations, codes and standard fields that the adapter knows by name."""

KNOWN = Known(ROUTES, frozenset(WORDS.split()))
