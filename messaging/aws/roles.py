"""What a role must be allowed: that of Textback's processes, and whoever runs provision_aws. Pure.

Which action has which resource: docs.aws.amazon.com/service-authorization/latest/reference/ (a page for each service).
"""

from messaging.aws.policies import Document, document
from messaging.aws.wanted import INBOUND, Wanted


def of_application(wanted: Wanted, *, key_arn: str = "", connect: bool = False) -> Document:
    """What Textback's own processes need, and nothing else: attach it to their role or user.

    Args:
        wanted: what is set up.
        key_arn: the key, where there is one.
        connect: whether Amazon Connect calls people back.
    """
    queues = [wanted.queue("dead-letters"), *([wanted.queue(INBOUND)] if wanted.way == "sqs" else [])]
    statements: list[Document] = [
        {
            "Sid": "Send",
            "Effect": "Allow",
            "Action": "sms-voice:SendTextMessage",
            "Resource": [
                f"{wanted.all_of_sms[:-1]}{kind}/*" for kind in ("phone-number", "sender-id", "configuration-set")
            ],
        },
        {
            "Sid": "Mirror",
            "Effect": "Allow",
            "Action": [
                "sms-voice:DescribePhoneNumbers", "sms-voice:DescribePools", "sms-voice:DescribeSenderIds",
            ],
            "Resource": "*",
        },
        {
            "Sid": "Confirm",
            "Effect": "Allow",
            "Action": "sns:ConfirmSubscription",
            "Resource": [*wanted.topics, *wanted.alarms],
        },
        {
            "Sid": "Queues",
            "Effect": "Allow",
            "Action": ["sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:DeleteMessage"],
            "Resource": queues,
        },
    ]  # fmt: skip
    if key_arn:
        statements.append({"Sid": "Key", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": key_arn})
    if connect:
        call = {"Sid": "Call", "Effect": "Allow", "Action": "connect:StartOutboundVoiceContact", "Resource": "*"}
        statements.append(call)
    return document(statements)


def of_setup(wanted: Wanted) -> Document:
    """What provision_aws and sync_numbers call, and nothing else: for whoever sets the account up, as long as it takes.

    Args:
        wanted: what is to be set up; with ``encrypted`` what the key needs as well.
    """
    names = f"{wanted.region}:{wanted.account}:{wanted.prefix}-*"
    statements: list[Document] = [
        {
            "Sid": "Topics",
            "Effect": "Allow",
            "Action": [
                "sns:CreateTopic", "sns:GetTopicAttributes", "sns:SetTopicAttributes", "sns:ListSubscriptionsByTopic",
                "sns:Subscribe",
            ],
            "Resource": sorted({f"arn:{wanted.partition}:sns:{names}", *wanted.subscribed[2:]}),
        },
        {
            # These two know no narrower resource.
            "Sid": "Subscriptions",
            "Effect": "Allow",
            "Action": ["sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes"],
            "Resource": "*",
        },
        {
            "Sid": "Queues",
            "Effect": "Allow",
            "Action": ["sqs:CreateQueue", "sqs:GetQueueUrl", "sqs:GetQueueAttributes", "sqs:SetQueueAttributes"],
            "Resource": f"arn:{wanted.partition}:sqs:{names}",
        },
        {
            "Sid": "Read",
            "Effect": "Allow",
            "Action": [
                "sms-voice:DescribeConfigurationSets", "sms-voice:DescribePhoneNumbers", "sms-voice:DescribePools",
                "sms-voice:DescribeSenderIds",
            ],
            "Resource": "*",
        },
        {
            "Sid": "Write",
            "Effect": "Allow",
            "Action": [
                "sms-voice:CreateConfigurationSet", "sms-voice:CreateEventDestination",
                "sms-voice:UpdateEventDestination", "sms-voice:UpdatePhoneNumber", "sms-voice:UpdatePool",
            ],
            "Resource": wanted.all_of_sms,
        },
    ]  # fmt: skip
    if wanted.encrypted:
        statements += _of_key(wanted)
    return document(statements)


def _of_key(wanted: Wanted) -> list[Document]:
    """A key has no name by which it could be allowed before it is made: any of this account and region."""
    here = f"arn:{wanted.partition}:kms:{wanted.region}:{wanted.account}"
    return [
        {"Sid": "NewKey", "Effect": "Allow", "Action": ["kms:CreateKey", "kms:ListKeys"], "Resource": "*"},
        {
            "Sid": "Key",
            "Effect": "Allow",
            "Action": [
                "kms:CreateAlias", "kms:DescribeKey", "kms:EnableKeyRotation", "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus", "kms:PutKeyPolicy",
            ],
            "Resource": [f"{here}:key/*", f"{here}:{wanted.key_alias}"],
        },
    ]  # fmt: skip
