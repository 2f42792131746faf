"""Marketo's standard fields as compact tables: id, REST name, label, type, length, marks (r read-only, s searchable).

Facts: Adobe's field references and public recordings of describe calls.
"""

from mamigrate_sandbox.store import Body

_LEAD = """
4|company|Company Name|string|255|
5|site|Site|string|255|
6|billingStreet|Billing Address|text||
7|billingCity|Billing City|string|255|
8|billingState|Billing State|string|255|
9|billingCountry|Billing Country|string|255|
10|billingPostalCode|Billing Postal Code|string|255|
11|website|Website|url|255|
12|mainPhone|Main Phone|string|255|
15|annualRevenue|Annual Revenue|currency||
16|numberOfEmployees|Num Employees|integer||
17|industry|Industry|string|255|
18|sicCode|SIC Code|string|40|
20|mktoCompanyNotes|Company Notes|text||
41|externalCompanyId|External Company Id|string|50|
44|id|Id|integer||s
45|mktoName|Full Name|string|255|r
46|personType|Person Type|string|50|
48|mktoIsPartner|Is Partner|boolean||
49|isLead|Is Lead|boolean||
50|mktoIsCustomer|Is Customer|boolean||
51|isAnonymous|Is Anonymous|boolean||
52|salutation|Salutation|string|255|
53|firstName|First Name|string|255|
54|middleName|Middle Name|string|255|
55|lastName|Last Name|string|255|
56|email|Email Address|email|255|s
57|phone|Phone Number|phone|255|
58|mobilePhone|Mobile Phone Number|phone|255|
59|fax|Fax Number|phone|255|
60|title|Job Title|string|255|
61|contactCompany|Contact Company|reference||r
62|dateOfBirth|Date of Birth|date||
63|address|Address|text||
64|city|City|string|255|
65|state|State|string|255|
66|country|Country|string|255|
67|postalCode|Postal Code|string|255|
68|personTimeZone|Person Time Zone|string|255|r
70|originalSourceType|Original Source Type|string|255|r
71|originalSourceInfo|Original Source Info|string|2000|r
72|registrationSourceType|Registration Source Type|string|255|
73|registrationSourceInfo|Registration Source Info|string|2000|
74|originalSearchEngine|Original Search Engine|string|255|r
75|originalSearchPhrase|Original Search Phrase|string|255|r
76|originalReferrer|Original Referrer|url|255|r
77|emailInvalid|Email Invalid|boolean||
78|emailInvalidCause|Email Invalid Cause|string|255|
79|unsubscribed|Unsubscribed|boolean||
81|unsubscribedReason|Unsubscribed Reason|string|2000|
82|doNotCall|Do Not Call|boolean||
83|mktoDoNotCallCause|Do Not Call Cause|string|255|
84|doNotCallReason|Do Not Call Reason|string|2000|
85|marketingSuspended|Marketing Suspended|boolean||
86|marketingSuspendedCause|Marketing Suspended Cause|string|255|
87|blackListed|Black Listed|boolean||
88|blackListedCause|Black Listed Cause|string|255|
89|mktoPersonNotes|Person Notes|text||
103|anonymousIP|Anonymous IP|string|255|
104|inferredCompany|Inferred Company|string|255|r
105|inferredCountry|Inferred Country|string|255|r
106|inferredCity|Inferred City|string|255|r
107|inferredStateRegion|Inferred State Region|string|255|r
108|inferredPostalCode|Inferred Postal Code|string|255|r
109|inferredMetropolitanArea|Inferred Metropolitan Area|string|255|r
110|inferredPhoneAreaCode|Inferred Phone Area Code|string|255|r
123|emailSuspended|Email Suspended|boolean||
124|emailSuspendedCause|Email Suspended Cause|string|255|
125|emailSuspendedAt|Email Suspended At|datetime||
126|department|Department|string|255|
130|createdAt|Created At|datetime||r
131|updatedAt|Updated At|datetime||r
136|cookies|Cookies|string|255|s
137|externalSalesPersonId|External Sales Person Id|string|50|
141|leadPerson|Lead Person|reference||r
143|leadRole|Role|string|50|
144|leadSource|Lead Source|string|255|
145|leadStatus|Lead Status|string|255|
146|leadScore|Lead Score|integer||
147|urgency|Urgency|float||
148|priority|Priority|integer||
149|relativeScore|Relative Score|integer||
150|relativeUrgency|Relative Urgency|integer||
160|rating|Lead Rating|string|255|
181|personPrimaryLeadInterest|Primary Lead Interest|reference||r
454|leadPartitionId|Lead Partition Id|reference||s
455|leadRevenueCycleModelId|Lead Revenue Cycle Model Id|reference||
456|leadRevenueStageId|Lead Revenue Stage Id|reference||
457|gender|Gender|string|6|
458|facebookDisplayName|Marketo Social Facebook Display Name|string|255|
459|twitterDisplayName|Marketo Social Twitter Display Name|string|255|
460|linkedInDisplayName|Marketo Social LinkedIn Display Name|string|255|
461|facebookProfileURL|Marketo Social Facebook Profile URL|string|255|
462|twitterProfileURL|Marketo Social Twitter Profile URL|string|255|
463|linkedInProfileURL|Marketo Social LinkedIn Profile URL|string|255|
464|facebookPhotoURL|Marketo Social Facebook Photo URL|string|255|
465|twitterPhotoURL|Marketo Social Twitter Photo URL|string|255|
466|linkedInPhotoURL|Marketo Social LinkedIn Photo URL|string|255|
467|facebookReach|Marketo Social Facebook Reach|integer||
468|twitterReach|Marketo Social Twitter Reach|integer||
469|linkedInReach|Marketo Social LinkedIn Reach|integer||
470|facebookReferredVisits|Marketo Social Facebook Referred Visits|integer||
471|twitterReferredVisits|Marketo Social Twitter Referred Visits|integer||
472|linkedInReferredVisits|Marketo Social LinkedIn Referred Visits|integer||
473|totalReferredVisits|Marketo Social Total Referred Visits|integer||
474|facebookReferredEnrollments|Marketo Social Facebook Referred Enrollments|integer||
475|twitterReferredEnrollments|Marketo Social Twitter Referred Enrollments|integer||
476|linkedInReferredEnrollments|Marketo Social LinkedIn Referred Enrollments|integer||
477|totalReferredEnrollments|Marketo Social Total Referred Enrollments|integer||
478|lastReferredVisit|Marketo Social Last Referred Visit|datetime||
479|lastReferredEnrollment|Marketo Social Last Referred Enrollment|datetime||
480|syndicationId|Marketo Social Syndication ID|string|100|
481|facebookId|Marketo Social Facebook Id|string|100|s
482|twitterId|Marketo Social Twitter Id|string|100|s
483|linkedInId|Marketo Social LinkedIn Id|string|100|s
484|acquisitionProgramId|Acquisition Program|reference||
485|mktoAcquisitionDate|Acquisition Date|datetime||
486|ecids|ECIDs|string|255|r
"""

_CRM = """
31|sfdcAccountId|SFDC Account Id|string|50|rs
90|sfdcType|SFDC Type|string|50|r
98|sfdcContactId|SFDC Contact Id|string|50|rs
129|sfdcId|SFDC Id|lead_function|255|r
171|sfdcLeadId|SFDC Lead Id|string|50|rs
172|sfdcLeadOwnerId|SFDC Lead Owner Id|string|50|rs
"""

_COMPANY = """
1|createdAt|Created At|datetime||r
2|externalCompanyId|External Company Id|string|100|rs
3|id|Id|integer||rs
4|updatedAt|Updated At|datetime||r
5|annualRevenue|Annual Revenue|currency||
6|billingCity|Billing City|string|255|
7|billingCountry|Billing Country|string|255|
8|billingPostalCode|Billing Postal Code|string|255|
9|billingState|Billing State|string|255|
10|billingStreet|Billing Address|text||
11|company|Company Name|string|255|s
12|externalSalesPersonId|External Sales Person Id|string|50|
13|industry|Industry|string|255|
14|mainPhone|Main Phone|string|255|
15|mktoCompanyNotes|Company Notes|text||
16|numberOfEmployees|Num Employees|integer||
17|sicCode|SIC Code|string|40|
18|site|Site|string|255|
19|website|Website|url|255|
"""

_OPPORTUNITY = """
1|marketoGUID|Marketo GUID|string|36|rs
2|createdAt|Created At|datetime||r
3|updatedAt|Updated At|datetime||r
4|externalOpportunityId|External Opportunity Id|string|50|rs
5|name|Name|string|255|
6|amount|Amount|currency||
7|closeDate|Close Date|date||
8|description|Description|text||
9|expectedRevenue|Expected Revenue|currency||
10|externalCompanyId|External Company Id|string|50|s
11|externalCreatedDate|External Created Date|datetime||
12|externalSalesPersonId|External Sales Person Id|string|50|
13|fiscal|Fiscal|string|50|
14|fiscalQuarter|Fiscal Quarter|integer||
15|fiscalYear|Fiscal Year|integer||
16|forecastCategory|Forecast Category|string|40|
17|forecastCategoryName|Forecast Category Name|string|255|
18|isClosed|Is Closed|boolean||
19|isWon|Is Won|boolean||
20|lastActivityDate|Last Activity Date|datetime||
21|leadSource|Lead Source|string|255|
22|nextStep|Next Step|string|255|
23|probability|Probability|integer||
24|quantity|Quantity|float||
25|source|Source|string|255|
26|stage|Stage|string|40|
27|type|Type|string|40|
"""

_ROLE = """
1|marketoGUID|Marketo GUID|string|36|rs
2|externalOpportunityId|External Opportunity Id|string|50|rs
3|leadId|Lead Id|integer||rs
4|role|Role|string|50|r
5|isPrimary|Is Primary|boolean||
6|externalCreatedDate|External Created Date|datetime||
7|createdAt|Created At|datetime||r
8|updatedAt|Updated At|datetime||r
"""

_SALES_PERSON = """
1|id|Marketo Id|integer||rs
2|createdAt|Created At|datetime||r
3|updatedAt|Updated At|datetime||r
4|externalSalesPersonId|External Sales Person Id|string|50|rs
5|email|Email Address|email|255|s
6|firstName|First Name|string|255|
7|lastName|Last Name|string|255|
8|fax|Fax Number|phone|255|
9|mobilePhone|Mobile Phone|phone|255|
10|phone|Phone Number|phone|255|
11|title|Job Title|string|255|
"""

_MEMBER = """
1|acquiredBy|Acquired By|boolean||r
2|attendanceLikelihood|Attendance Likelihood|integer||r
3|createdAt|Created At|datetime||r
4|isExhausted|Nurture Exhausted|boolean||r
5|leadId|Lead Id|integer||rs
6|membershipDate|Membership Date|datetime||r
7|nurtureCadence|Nurture Cadence|string|4|r
8|program|Program|string|255|r
9|programId|Program Id|integer||r
10|reachedSuccess|Success|boolean||rs
11|reachedSuccessDate|Success Date|datetime||r
12|registrationLikelihood|Registration Likelihood|integer||r
13|statusName|Status|string|255|rs
14|statusReason|Status Reason|string|255|r
15|trackName|Track Name|string|255|r
16|updatedAt|Updated At|datetime||r
17|waitlistPriority|Waitlist Priority|integer||r
18|registrationCode|Registration Code|string|100|
19|webinarUrl|Webinar URL|string|2000|
"""

TABLES = {
    "lead": _LEAD,
    "crm": _CRM,
    "company": _COMPANY,
    "opportunity": _OPPORTUNITY,
    "opportunityRole": _ROLE,
    "salesPerson": _SALES_PERSON,
    "programMember": _MEMBER,
}

# What Salesforce owns while it is attached, on an instance with the usual mapping.
CRM_MANAGED = frozenset(
    [
        "company",
        "billingStreet",
        "billingCity",
        "billingState",
        "billingCountry",
        "billingPostalCode",
        "website",
        "mainPhone",
        "annualRevenue",
        "numberOfEmployees",
        "industry",
        "sicCode",
        "site",
        "salutation",
        "firstName",
        "lastName",
        "email",
        "phone",
        "mobilePhone",
        "fax",
        "title",
        "address",
        "city",
        "state",
        "country",
        "postalCode",
        "leadSource",
        "leadStatus",
        "rating",
        "unsubscribed",
        "doNotCall",
    ]
)

# Lead fields that live on the company record.
COMPANY_FIELDS = frozenset(
    [
        "company",
        "site",
        "billingStreet",
        "billingCity",
        "billingState",
        "billingCountry",
        "billingPostalCode",
        "website",
        "mainPhone",
        "annualRevenue",
        "numberOfEmployees",
        "industry",
        "sicCode",
        "mktoCompanyNotes",
    ]
)


def documents(table: str) -> list[Body]:
    """The table's fields as documents of kind ``fields/<object>``."""
    return [_document(line.split("|")) for line in TABLES[table].strip().splitlines()]


def _document(cells: list[str]) -> Body:
    number, name, label, type, length, marks = cells
    body: Body = {"id": int(number), "name": name, "displayName": label, "dataType": type}
    if length:
        body["length"] = int(length)
    return body | {
        "readOnly": "r" in marks,
        "isCustom": False,
        "isHidden": False,
        "isApiCreated": False,
        "crmManaged": False,
        "searchable": "s" in marks,
    }
