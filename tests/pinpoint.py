"""Exports as Amazon Pinpoint, DynamoDB and the AWS CLI write them: `python -m tests.pinpoint KIND DIRECTORY ROWS`.

Of a hundred endpoints 83 are phone numbers that anybody could text; the rest is what real projects have: other
channels, a second endpoint of the same person, numbers as they are dialled, opt-outs, and rows that nobody can use.
The same seed makes the same files. The shapes are those of the samples' own code and of AWS's references.
"""

import csv
import gzip
import io
import json
import random
import sys
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

SEED = 7
PARTS = 4
FIRST_DAY = datetime(2023, 1, 9, 11, 31, 5, 120_000, tzinfo=UTC)
NAMES = ("Ann", "Benito", "Çağla", "Zoë", "Łukasz", "Nguyễn", "李娜", "Ольга", "O'Brien", 'Jo "JJ"')
FAMILIES = ("Ashford", "Baeza", "Yıldız", "Dvořák", "Müller-Lüdenscheidt", "Văn An", "王", "Петрова", "de la Cruz, Jr.")
AREAS = ("206", "212", "312", "415", "425", "512", "617", "713")
US, GB = "US", "GB"
ZONES = ("America/Los_Angeles", "America/New_York", "America/Chicago", "Europe/London", "PST8", "")

Item = dict[str, Any]


def number(place: int) -> tuple[str, str]:
    """The phone number of somebody, and their country: each place has its own."""
    if place % 10 == 9:
        return f"+447400{place:06}", GB
    # 7,920,000 of each area code, none of them for films.
    rest = place // len(AREAS)
    return f"+1{AREAS[place % len(AREAS)]}{220 + rest // 10_000}{rest % 10_000:04}", US


def endpoints(count: int, *, first: int = 0, seed: int = SEED) -> Iterator[Item]:
    """Endpoints as an export job writes them, in the order in which Pinpoint has them: none."""
    chance = random.Random(seed)
    for place in range(first, first + count):
        yield _endpoint(place, chance)


def _endpoint(place: int, chance: random.Random) -> Item:
    written, country = number(place)
    made = FIRST_DAY + timedelta(seconds=37 * place)
    found: Item = {
        "Id": f"{place:08x}-4f1c-4d2a-9c5e-5a9f2c7be001",
        "ChannelType": "SMS",
        "Address": written,
        "EndpointStatus": "ACTIVE",
        "OptOut": "NONE",
        "RequestId": f"{chance.getrandbits(64):016x}",
        "Location": {"Country": country, "City": "Seattle" if country == US else "Leeds"},
        "Demographic": {"Locale": "en_US" if country == US else "en_GB", "Timezone": chance.choice(ZONES)},
        "EffectiveDate": _stamp(made),
        "Attributes": {"Ward": [str(place % 9)], "Skills": ["ICU", "Night"] if place % 3 else []},
        "Metrics": {"ShiftsThisYear": float(place % 50)},
        "User": {
            "UserId": f"u-{place:08}",
            "UserAttributes": _name(place),
        },
        "ApplicationId": "9b74f4a3e1c24b0d8d1f7c5a2f6e9b10",
        "CohortId": str(place % 100),
        "CreationDate": _stamp(made),
    }
    _KINDS.get(place % 100, lambda endpoint, place, country: None)(found, place, country)
    if place % 100 in _OPTED_OUT:
        found |= {"OptOut": "ALL", "EffectiveDate": _stamp(made + timedelta(days=90))}
    return found


def _name(place: int) -> Item:
    return {"FirstName": [NAMES[place % len(NAMES)]], "LastName": [FAMILIES[place // 3 % len(FAMILIES)]]}


def _email(endpoint: Item, place: int, country: str) -> None:
    endpoint |= {"ChannelType": "EMAIL", "Address": f"person.{place}@example.com"}


def _push(endpoint: Item, place: int, country: str) -> None:
    endpoint |= {"ChannelType": "GCM", "Address": f"{place:064x}"}


def _national(endpoint: Item, place: int, country: str) -> None:
    """As it is dialled within the country."""
    address = endpoint["Address"]
    endpoint["Address"] = f"0{address[3:]}" if country == GB else f"({address[2:5]}) {address[5:8]}-{address[8:]}"


def _without_plus(endpoint: Item, place: int, country: str) -> None:
    endpoint["Address"] = endpoint["Address"][1:]


def _again(endpoint: Item, place: int, country: str) -> None:
    """A second endpoint of the one before: the same user, the same number."""
    address, _ = number(place - 1)
    endpoint |= {"Address": address}
    # Attributes of users are the same on all their endpoints.
    endpoint["User"] = {"UserId": f"u-{place - 1:08}", "UserAttributes": _name(place - 1)}


def _another_phone(endpoint: Item, place: int, country: str) -> None:
    """A second endpoint of the user before, with a number of its own."""
    endpoint["User"] = {"UserId": f"u-{place - 1:08}", "UserAttributes": _name(place - 1)}


def _inactive(endpoint: Item, place: int, country: str) -> None:
    endpoint["EndpointStatus"] = "INACTIVE"


def _no_address(endpoint: Item, place: int, country: str) -> None:
    del endpoint["Address"]


def _no_number(endpoint: Item, place: int, country: str) -> None:
    endpoint["Address"] = "555-0107"


def _bare(endpoint: Item, place: int, country: str) -> None:
    """What the sample for self-managed opt-outs leaves: UpdateEndpoint with an address and an opt-out, nothing else."""
    kept = {name: endpoint[name] for name in ("ChannelType", "Address", "EffectiveDate", "CreationDate")}
    endpoint.clear()
    endpoint |= kept | {"Id": kept["Address"][1:], "OptOut": "ALL"}


_KINDS: Mapping[int, Callable[[Item, int, str], None]] = {
    **dict.fromkeys((3, 17, 33, 61, 77), _email),
    **dict.fromkeys((21, 81), _push),
    **dict.fromkeys((4, 24, 48, 89), _national),
    **dict.fromkeys((5, 45, 85), _without_plus),
    **dict.fromkeys((7, 57, 95), _again),
    **dict.fromkeys((12, 72), _another_phone),
    **dict.fromkeys((13, 63), _inactive),
    41: _no_address,
    66: _no_number,
    38: _bare,
}
_OPTED_OUT = {6, 13, 26, 46, 86}


def export_job(directory: Path, count: int) -> Path:
    """A segment's export job to S3: parts, packed, a line of JSON for each endpoint; some lines are broken."""
    each = -(-count // PARTS)
    for part in range(PARTS):
        first = part * each
        with _packed(directory / f"2026-10-28/segment_{part}.json.gz") as stream:
            for place, item in enumerate(endpoints(min(each, count - first), first=first)):
                line = json.dumps(item, ensure_ascii=False)
                stream.write(f"{line if place % 1_000 != 999 else line[:70]}\n")
    return directory


def console_csv(path: Path, count: int) -> Path:
    """A segment as the console lets you have it: CSV with a mark of its encoding, attributes as lists."""
    header = [
        "Id", "ChannelType", "Address", "EndpointStatus", "OptOut", "EffectiveDate", "Location.Country",
        "Demographic.Timezone", "Demographic.Locale", "User.UserId", "User.UserAttributes.FirstName",
        "User.UserAttributes.LastName", "Attributes.Ward", "Attributes.Skills", "Metrics.ShiftsThisYear",
    ]  # fmt: skip
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(header)
        for place, item in enumerate(endpoints(count)):
            cells = [_cell(item, name) for name in header]
            writer.writerow(cells if place % 1_000 != 999 else [*cells, "one", "too many"])
    return path


def _cell(item: Item, name: str) -> str:
    value: Any = item
    for part in name.split("."):
        value = value.get(part, "") if isinstance(value, dict) else ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value)


def opted_out_pages(path: Path, count: int, *, of_a_page: int = 100) -> Path:
    """`aws pinpoint-sms-voice-v2 describe-opted-out-numbers --no-paginate`, again and again: a page a document."""
    with path.open("w", encoding="utf-8") as stream:
        for first in range(0, count, of_a_page):
            found = [_opted_out(place) for place in range(first, min(first + of_a_page, count))]
            page = {
                "OptOutListArn": "arn:aws:sms-voice:us-east-1:123456789012:opt-out-list/Default",
                "OptOutListName": "Default",
                "OptedOutNumbers": found,
            }
            json.dump(page | ({"NextToken": "AbCd"} if first + of_a_page < count else {}), stream, indent=4)
            stream.write("\n")
    return path


def _opted_out(place: int) -> Item:
    written, _ = number(place)
    at = FIRST_DAY + timedelta(seconds=53 * place)
    return {
        # Version 2 of the CLI writes ISO 8601, version 1 seconds.
        "OptedOutNumber": written if place % 100 != 99 else "+1555",
        "OptedOutTimestamp": at.isoformat() if place % 2 else at.timestamp(),
        "EndUserOptedOut": place % 10 != 0,
    }


def consent_table(directory: Path, count: int) -> Path:
    """A table of self-managed opt-outs, exported by DynamoDB: who said which word to which number, and when."""
    return _dynamodb(directory, (_said(place) for place in range(count)))


def _said(place: int) -> Item:
    # Everybody says STOP, every fourth JOIN as well: two rows, in no order.
    person, again = (place - 1, True) if place % 4 == 3 else (place, False)
    written, _ = number(person)
    at = FIRST_DAY + timedelta(seconds=61 * person, days=30 * again)
    word = "JOIN" if again else "STOP" if place % 50 else "HELP"
    return {
        "PhoneNumber": {"S": written},
        "Timestamp": {"S": f"{at:%Y-%m-%d %H:%M:%S}"},
        "DestinationNumber": {"S": "+14255550100"},
        "Keyword": {"S": word},
    }


def shift_table(directory: Path, count: int) -> Path:
    """The table ShiftStatusDynamoDB of the sample for shifts."""
    return _dynamodb(directory, (_shift(place) for place in range(count)))


def _shift(place: int) -> Item:
    item: Item = {
        "shift_id": {"S": f"XYZ{place:06}"},
        "shift_info": {"S": f"Ward {place % 9}, {place % 24:02}:00"},
        "shift_status": {"S": "taken" if place % 3 == 0 else "available"},
    }
    if place % 3 == 0:
        # Three shifts for each person.
        item["employee"] = {"S": number(place // 9)[0] if place % 60 else "unknown"}
    return item


def incident_table(directory: Path, count: int) -> Path:
    """The table IncidentInfoDynamoDB of the sample for incidents."""
    return _dynamodb(directory, (_incident(place) for place in range(count)))


def _incident(place: int) -> Item:
    at = FIRST_DAY + timedelta(minutes=place)
    status = ("acknowledged", "not_acknowledged", "escalation")[place % 3]
    item: Item = {
        "incident_id": {"S": f"INC-{place:06}"},
        "incident_stat": {"S": status if place % 100 != 99 else "pending"},
        "double_escalation": {"S": "yes" if place % 7 == 0 else "no"},
        "description": {"S": f"Pump {place} has no pressure – señal perdida"},
        "url": {"S": "no url" if place % 2 else f"https://runbooks.example.com/{place}"},
        "first_contact": {"S": number(place % 50)[0]},
        "second_contact": {"S": number(place % 50 + 50)[0]},
    }
    if place % 20 != 19:
        item["stat_date"] = {"S": f"{at:%d/%m/%Y %H:%M:%S}"}
    return item


def _dynamodb(directory: Path, items: Iterator[Item]) -> Path:
    """ExportTableToPointInTime: data/*.json.gz beside manifests, which are no data."""
    export = directory / "AWSDynamoDB/01761600000000-a1b2c3d4"
    streams = [_packed(export / f"data/{part:04}abcdefghijklmnopqrstuv.json.gz") for part in range(PARTS)]
    count = 0
    for item in items:
        count += 1
        # What has the same key lies together.
        part = zlib.crc32(next(iter(item.values()))["S"].encode()) % PARTS
        streams[part].write(f"{json.dumps({'Item': item}, ensure_ascii=False)}\n")
    for stream in streams:
        stream.close()
    (export / "manifest-summary.json").write_text(json.dumps({"version": "2020-06-30", "itemCount": count}))
    files = "".join(
        f"{json.dumps({'itemCount': 1, 'dataFileS3Key': f'data/{part:04}.json.gz'})}\n" for part in range(PARTS)
    )
    (export / "manifest-files.json").write_text(files)
    (export / "manifest-summary.md5").write_text("1B2M2Y8AsgTpgAmY7PhCfg==")
    (export / "_started").write_text("")
    return directory


def _packed(path: Path) -> IO[str]:
    path.parent.mkdir(parents=True, exist_ok=True)
    return io.TextIOWrapper(gzip.GzipFile(path, "wb", compresslevel=1, mtime=0), encoding="utf-8")


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


MADE: Mapping[str, Callable[[Path, int], Path]] = {
    "segment": export_job,
    "segment-csv": lambda directory, count: console_csv(directory / "segment.csv", count),
    "opt-outs": lambda directory, count: opted_out_pages(directory / "opted-out.json", count),
    "consent": consent_table,
    "shifts": shift_table,
    "incidents": incident_table,
}


if __name__ == "__main__":
    kind, where, rows = sys.argv[1:]
    Path(where).mkdir(parents=True, exist_ok=True)
    print(MADE[kind](Path(where), int(rows)))
