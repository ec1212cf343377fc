"""`manage.py provision_aws`: what Textback needs in an AWS account, made and kept so."""

import json
import sys
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from messaging.aws import keys, numbers, provisioning, roles, topics
from messaging.aws.changes import Change
from messaging.aws.session import Session
from messaging.aws.wanted import ALARMS, Wanted

EXIT_CHANGES = 2


class Command(BaseCommand):
    """Compares the account with what Textback wants, prints the difference and, unless only planning, makes it so."""

    requires_system_checks = ()
    help = (
        "Set up SNS topics, a dead-letter queue, subscriptions, a configuration set with its event destination, "
        "two-way messaging and self-managed opt-outs. Safe to repeat: the second time changes nothing. Uses boto3's "
        "own credentials, region and endpoints. With --plan: exit status 0 nothing to do, 2 there is, 1 an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What to set up, and whether to."""
        parser.add_argument("--plan", action="store_true", help="only show what would be done, as a diff")
        parser.add_argument(
            "--url", default="", help="the address of /webhooks/sns/ as SNS reaches it; default: from PUBLIC_URL"
        )
        parser.add_argument(
            "--sqs",
            action="store_true",
            help="no webhook: SNS puts texts into a queue that Textback reads (INBOUND=sqs)",
        )
        parser.add_argument(
            "--number", action="append", default=[], metavar="NUMBER", help="a phone number to set up; may be repeated"
        )
        parser.add_argument("--all-numbers", action="store_true", help="set up every phone number of the account")
        parser.add_argument(
            "--alarms",
            action="store_true",
            help="also a topic for CloudWatch alarms; those that SNS_ALARM_TOPIC_ARNS names are subscribed in any case",
        )
        parser.add_argument("--encrypt", action="store_true", help="encrypt topics and queues with a KMS key of yours")
        parser.add_argument("--prefix", default="textback", help="what the names of all begin with (textback)")
        parser.add_argument("--region", default="", help="default: AWS_REGION")
        parser.add_argument(
            "--policy", action="store_true", help="print the IAM policy for Textback's processes, and end"
        )
        parser.add_argument(
            "--setup-policy", action="store_true", help="print the IAM policy for whoever runs this, and end"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object on stdout")

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Plan, show, make."""
        session = Session(options["region"])
        if not session.region:
            raise CommandError("No region is set. Set AWS_REGION, or give --region.")
        try:
            wanted = self._wanted(session, options)
            if options["policy"] or options["setup_policy"]:
                self._print_policy(session, wanted, setup=options["setup_policy"])
                return
            changes = provisioning.plan(session, wanted)
            if not options["json"]:
                self._show(changes)
            if not options["plan"]:
                provisioning.apply(changes, lambda change: self._made(change, quiet=options["json"]))
            waiting = [] if options["plan"] else topics.waiting(session, wanted)
        except (numbers.NoSuchNumber, topics.NoSuchTopic) as problem:
            raise CommandError(str(problem)) from problem
        except (BotoCoreError, ClientError) as problem:
            raise CommandError(
                f"AWS: {problem}. What was made before stays; run it again once this is mended. "
                "--setup-policy prints what whoever runs this must be allowed."
            ) from problem
        if options["json"]:
            self.stdout.write(json.dumps(self._as_json(wanted, changes, waiting, made=not options["plan"])))
        else:
            self._say_what_is_next(wanted, waiting, planned=options["plan"])
        if options["plan"] and changes:
            sys.exit(EXIT_CHANGES)

    def _wanted(self, session: Session, options: dict[str, Any]) -> Wanted:
        url = "" if options["sqs"] else options["url"] or _webhook()
        if not options["sqs"] and urlsplit(url).scheme != "https":
            raise CommandError(
                "SNS needs the HTTPS address of the webhook: give --url https://…/webhooks/sns/, set PUBLIC_URL, or "
                "give --sqs to have texts fetched from a queue instead."
            )
        account, partition = session.who()
        chosen = tuple(options["number"])
        if options["all_numbers"]:
            chosen = tuple(sorted(row["PhoneNumber"] for row in numbers.owned(session)))
        wanted = Wanted(
            account, session.region, partition, options["prefix"], url, chosen, encrypted=options["encrypt"]
        )
        own = [wanted.topic(ALARMS)] if options["alarms"] else []
        named = settings.MESSAGING.get("TOPIC_READERS", {})
        return replace(wanted, alarms=tuple(dict.fromkeys([*own, *named])))

    def _print_policy(self, session: Session, wanted: Wanted, *, setup: bool) -> None:
        if setup:
            self.stdout.write(json.dumps(roles.of_setup(wanted), indent=2))
            return
        key = keys.arn(session, wanted) if wanted.encrypted else ""
        if wanted.encrypted and not key:
            raise CommandError(f"There is no key {wanted.key_alias} yet. Run provision_aws --encrypt first.")
        connect = bool(settings.CONNECT_INSTANCE_ID)
        policy = roles.of_application(wanted, key_arn=key, connect=connect)
        self.stdout.write(json.dumps(policy, indent=2))

    def _show(self, changes: list[Change]) -> None:
        for change in changes:
            for line in change.lines():
                self.stdout.write(line)
        made, mended = sum(one.creates for one in changes), sum(not one.creates for one in changes)
        self.stdout.write(
            f"{made} to make, {mended} to change." if changes else "Nothing to do: all is as it should be."
        )

    def _made(self, change: Change, *, quiet: bool) -> None:
        if not quiet:
            self.stdout.write(f"{'Made' if change.creates else 'Changed'}: {change.what}")

    def _say_what_is_next(self, wanted: Wanted, waiting: list[str], *, planned: bool) -> None:
        self.stdout.write("" if planned else "Done.")
        self.stdout.write("Environment for Textback:")
        for name, value in _environment(wanted).items():
            self.stdout.write(f"  {name}={value}")
        for arn in waiting:
            self.stdout.write(
                f"Waiting: {wanted.webhook} has not confirmed its subscription to {arn} yet. It does so by itself once "
                "it runs with this environment; SNS asks for three days."
            )
        for command in _by_hand(wanted):
            self.stdout.write(f"Of another account or region, so whoever has that topic subscribes us:\n  {command}")
        if not planned:
            self.stdout.write("Next: manage.py sync_numbers mirrors the numbers; --policy prints what to allow.")

    def _as_json(self, wanted: Wanted, changes: list[Change], waiting: list[str], *, made: bool) -> dict[str, Any]:
        return {
            "made": made,
            "changes": [
                {
                    "what": one.what,
                    "action": "create" if one.creates else "change",
                    "before": one.before,
                    "after": one.after,
                    "note": one.note,
                }
                for one in changes
            ],
            "waiting_for_confirmation": waiting,
            "subscribe_by_hand": _by_hand(wanted),
            "environment": _environment(wanted),
        }


def _webhook() -> str:
    base = str(settings.PUBLIC_URL).rstrip("/")
    return f"{base}/webhooks/sns/" if base else ""


def _by_hand(wanted: Wanted) -> list[str]:
    endpoint = wanted.webhook or wanted.queue("inbound")
    return [
        f"aws sns subscribe --region {arn.split(':')[3]} --topic-arn {arn} --protocol {wanted.way} "
        f"--notification-endpoint {endpoint}"
        for arn in wanted.elsewhere
    ]


def _environment(wanted: Wanted) -> dict[str, str]:
    return {
        "AWS_REGION": wanted.region,
        # Of several, the one that is the default is the operator's choice.
        **({"ORIGINATION_IDENTITY": wanted.numbers[0]} if len(wanted.numbers) == 1 else {}),
        "SNS_TOPIC_ARNS": ",".join(wanted.topics),
        **({"SNS_ALARM_TOPIC_ARNS": ",".join(wanted.alarms)} if wanted.alarms else {}),
        "CONFIGURATION_SET": wanted.configuration_set,
        "SQS_DEAD_LETTERS": wanted.queue("dead-letters"),
        **({"INBOUND": "sqs", "SQS_INBOUND": wanted.queue("inbound")} if wanted.way == "sqs" else {}),
    }
