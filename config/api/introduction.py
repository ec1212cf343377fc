"""What the API's own page says before the first operation, and its headings in the order in which people need them."""

DESCRIPTION = """\
Textback runs conversations by text message: **incidents** (YES or NO), **shifts** (codes, REQUEST, AGENT) and
**consent** (STOP, JOIN). By this API other systems open incidents, offer shifts, record consent, and read what became
of every text. What people see and do in the admin is the same: permissions are shared, and so are the rules.

### Begin

1. Have somebody make a token: in the admin under *API tokens*, or with `manage.py create_token USERNAME`.
2. Send it with each request: `Authorization: Token 5f2c…`. Here: press **Authorize** and paste `Token 5f2c…`.
3. Ask:

```sh
curl -H "Authorization: Token $TOKEN" https://textback.example.com/api/v1/incidents/
```

### The same everywhere

- **Bodies** are JSON. Times are ISO 8601 with offset, phone numbers E.164 (`+14255550182`), money a decimal string
  with a currency. Unknown fields and parameters are refused, not ignored.
- **Lists** are `{"next", "previous", "results"}`, newest first unless it says otherwise. Follow `next` as it is;
  `page_size` is up to 500. `after` and `before` bound the time: from `after` on, and before `before`.
- **Refusals** are problem details (RFC 9457, `application/problem+json`): `type` names the kind, `detail` says what
  to do, `errors` lists each field at fault, and each field stands at the top by its name.
- **Sending again**: give a POST an `Idempotency-Key`. The same key with the same body is answered as the first time
  (`Idempotency-Replayed: true`) and done once, for 24 hours. With another body: 422. While the first runs: 409.
- **Changing what others change**: send the `ETag` that you have read as `If-Match`. When somebody was quicker: 412.
  A GET with `If-None-Match` is answered 304 while nothing is new.
- **Rates** are by token and minute: `RateLimit` says what is left. Too many: 429, and `Retry-After`.
- **Whole phone numbers** are for users who *can see whole phone numbers*; others read `+1***82`.
- **Versions**: this is version 1. New resources, optional fields, fields of answers and kinds of problems may come at
  any time; clients leave aside what they do not know. What would break a client comes as version 2.
"""

TAGS: dict[str, str] = {
    "Incidents": "Somebody must take it: people are asked one after the other until one answers YES.",
    "Escalation policies": "Who is asked, in which order, and how long each is waited for.",
    "Alert sources": "Monitoring systems that open and close incidents by themselves, and the door they come by.",
    "Alerts": "Every alert that came, and what came of it.",
    "Maintenance windows": "Times in which alerts are recorded and nobody is texted.",
    "Messages": "Texts that go out, and what became of each. Other resources make them.",
    "Inbound": "Texts that people sent, and who dealt with them.",
    "Consent": "Who may be texted from which number: as it stands, as it came about, and links to people's own page.",
    "Shifts": "Work that people book by texting its code.",
    "Campaigns": "One text to everybody of a segment, and what came of it.",
    "Employees": "People who may be offered shifts.",
    "Segments": "Named lists of employees, and importing them from CSV files.",
    "Callbacks": "People who texted AGENT and wait for a call.",
    "Contacts": "The people behind phone numbers: their name, language and time zone.",
    "Keywords": "Words that are answered, or that opt out and in.",
    "Webhook endpoints": "Other systems that hear of what happens, by signed requests.",
    "Events": "What other systems were told.",
    "Event types": "What other systems can hear of.",
    "Origination identities": "The numbers that texts are sent from.",
}
