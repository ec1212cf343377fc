"""Amazon Connect's StartOutboundVoiceContact. The only file of shifts that imports boto3.

botocore's own retries are off: shifts.calls.decisions decides, and the try is a row that outlives the process.
"""

import os
import threading
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import exceptions as boto
from botocore.config import Config
from django.conf import settings

from shifts.calls import decisions
from shifts.calls.decisions import NotPlaced

# Attributes of the contact, for the contact flow.
CALL_BACK = "textback_callback"
CAMPAIGN = "textback_campaign"

# No call lasts longer than decisions.CLAIM_HOLDS.
_CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"}, connect_timeout=1.5, read_timeout=10, tcp_keepalive=True
)
_NO_CONNECTION = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)


def is_set_up() -> bool:
    """Whether the settings say where Connect is to call from."""
    return bool(
        settings.CONNECT_INSTANCE_ID
        and settings.CONNECT_CONTACT_FLOW_ID
        and (settings.CONNECT_QUEUE_ID or settings.CONNECT_SOURCE_PHONE_NUMBER)
    )


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call. The same token never calls twice within seven days."""

    token: str
    phone_number: str
    call_back: int
    campaign: str = ""


class AmazonConnect:
    """Places calls through boto3's connect. Region, credentials and endpoint are boto3's own variables."""

    def __init__(self) -> None:
        self._client: Any = None
        self._lock = threading.Lock()

    def start(self, call: Call) -> str:
        """Have somebody called, and return Connect's ContactId. Within 11.5 seconds; never within a transaction.

        Raises:
            NotPlaced: Connect refused, did not answer, or could not be asked.
        """
        if not is_set_up():
            raise NotPlaced(decisions.NOT_SET_UP)
        try:
            answer = self._connect().start_outbound_voice_contact(**_parameters(call))
            return str(answer["ContactId"])
        except boto.ClientError as error:
            details: dict[str, Any] = dict(error.response.get("Error", {}))
            status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            raise NotPlaced(str(details.get("Code") or status), str(details.get("Message") or ""), status) from error
        except (boto.NoCredentialsError, boto.PartialCredentialsError) as error:
            raise NotPlaced(decisions.NO_CREDENTIALS, str(error)) from error
        except boto.NoRegionError as error:
            raise NotPlaced(decisions.NO_REGION, str(error)) from error
        except boto.ParamValidationError as error:
            raise NotPlaced("InvalidParameterException", str(error)) from error
        except _NO_CONNECTION as error:
            raise NotPlaced(decisions.NO_CONNECTION, str(error)) from error
        except Exception as error:
            # Read time-outs, connections closed in mid-answer, answers that cannot be parsed: AWS may have the call.
            raise NotPlaced(decisions.NO_ANSWER, f"{type(error).__name__}: {error}") from error

    def _connect(self) -> Any:
        # Building a client from boto3's default session is not safe in several threads at once.
        with self._lock:
            if self._client is None:
                # boto3 itself reads AWS_DEFAULT_REGION and not the AWS_REGION of the other SDKs.
                session = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
                self._client = session.client("connect", config=_CONFIG)
            return self._client


def _parameters(call: Call) -> dict[str, Any]:
    attributes = {CALL_BACK: str(call.call_back), CAMPAIGN: call.campaign}
    optional = {
        "QueueId": settings.CONNECT_QUEUE_ID,
        "SourcePhoneNumber": settings.CONNECT_SOURCE_PHONE_NUMBER,
    }
    return {
        "InstanceId": settings.CONNECT_INSTANCE_ID,
        "ContactFlowId": settings.CONNECT_CONTACT_FLOW_ID,
        "DestinationPhoneNumber": call.phone_number,
        "ClientToken": call.token,
        "Attributes": {name: value for name, value in attributes.items() if value},
        **{name: value for name, value in optional.items() if value},
    }
