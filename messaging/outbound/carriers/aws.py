"""AWS End User Messaging SMS. The only file that imports boto3 for sending.

botocore would by itself repeat a call that timed out, and SendTextMessage has no idempotency token: its retries are off
and messaging.outbound.retry decides. Each text carries its own id in Context, which comes back with every delivery
event and so settles a call that had no answer.
"""

import contextlib
import os
import threading
from typing import Any

import boto3
import botocore
from botocore import exceptions as boto
from botocore.config import Config
from django.conf import settings

from messaging.contracts import Submission
from messaging.outbound.carriers.base import CarrierError, Fate

CONTEXT_ID = "textback-message"
CONTEXT_ATTEMPT = "textback-attempt"

# With a connect time-out of 1.5 s and a read time-out of 10 s no call lasts longer than retry.CLAIM_IS_DEAD_AFTER.
_CONFIG = Config(
    retries={"total_max_attempts": 1, "mode": "standard"},
    connect_timeout=1.5,
    read_timeout=10,
    max_pool_connections=64,
    tcp_keepalive=True,
    # botocore writes a description of machine and features anew, twice for each call: a seventh of what a call costs.
    user_agent=f"Textback Boto3/{boto3.__version__} Botocore/{botocore.__version__}",
)

# Answers to a call that surely never reached AWS: nobody listened, or nobody could be asked.
_NEVER_LEFT = (boto.EndpointConnectionError, boto.ConnectTimeoutError, boto.ProxyConnectionError)


class EndUserMessaging:
    """Sends through boto3's pinpoint-sms-voice-v2. Region, credentials and endpoint are boto3's own variables."""

    def __init__(self) -> None:
        self._client: Any = None
        self._lock = threading.Lock()
        self._thread = threading.local()

    def warm(self) -> None:
        """Build the client: 100 to 200 ms that no text should wait for.

        What is missing (a region, say) is not told here: the first text tells, with its reason, and pauses its lane.
        """
        with contextlib.suppress(boto.BotoCoreError):
            self._connect()

    def send(self, submission: Submission) -> str:
        """Send one text and return AWS's MessageId.

        Raises:
            CarrierError: with what is known of the text's fate.
        """
        parameters: dict[str, Any] = {
            "DestinationPhoneNumber": submission.destination_phone_number,
            "OriginationIdentity": submission.origination_identity,
            "MessageBody": submission.body,
            "MessageType": submission.message_type,
            "Context": {CONTEXT_ID: str(submission.message_id), CONTEXT_ATTEMPT: str(submission.attempt)},
        }
        if submission.time_to_live is not None:
            parameters["TimeToLive"] = submission.time_to_live
        if configuration_set := settings.MESSAGING.get("CONFIGURATION_SET"):
            parameters["ConfigurationSetName"] = configuration_set
        self._thread.leaves = submission.leaves
        try:
            return str(self._connect().send_text_message(**parameters)["MessageId"])
        except boto.ClientError as error:
            raise _refusal(error) from error
        except _NEVER_LEFT as error:
            raise CarrierError(Fate.NEVER_LEFT, "ConnectionFailed", str(error)[:500]) from error
        except (boto.NoCredentialsError, boto.PartialCredentialsError) as error:
            raise CarrierError(Fate.NEVER_LEFT, "NoCredentials", str(error)[:500]) from error
        except boto.NoRegionError as error:
            raise CarrierError(Fate.NEVER_LEFT, "NoRegion", str(error)) from error
        except boto.ParamValidationError as error:
            raise CarrierError(Fate.REFUSED, "ValidationException", str(error)[:500]) from error
        except boto.SSLError as error:
            # While the connection is made, nothing was sent; later AWS may have read it all.
            handshake = "CERTIFICATE_VERIFY_FAILED" in str(error) or "handshake" in str(error).lower()
            fate = Fate.NEVER_LEFT if handshake else Fate.IN_DOUBT
            raise CarrierError(fate, "ConnectionNotTrusted", str(error)[:500]) from error
        except Exception as error:
            # Read time-outs, connections closed in mid-answer, answers that cannot be parsed: AWS may have the text.
            raise CarrierError(Fate.IN_DOUBT, type(error).__name__, str(error)[:500]) from error

    def _connect(self) -> Any:
        if self._client is not None:
            return self._client
        # Building a client from boto3's default session is not safe in several threads at once.
        with self._lock:
            if self._client is None:
                # boto3 itself reads AWS_DEFAULT_REGION and not the AWS_REGION of the other SDKs.
                session = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
                client = session.client("pinpoint-sms-voice-v2", config=_CONFIG)
                # To write and sign a request takes long on a busy machine, and not always equally long.
                client.meta.events.register("before-send.pinpoint-sms-voice-v2.SendTextMessage", self._leaves)
                self._client = client
            return self._client

    def _leaves(self, **_: object) -> None:
        self._thread.leaves()


def _refusal(error: boto.ClientError) -> CarrierError:
    """AWS's error answer: code, and the reason that AWS puts beside the message."""
    response: dict[str, Any] = dict(error.response)
    details = response.get("Error", {})
    code = str(details.get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    reason = str(response.get("Reason") or details.get("Message") or response.get("message") or "")[:500]
    if status >= 500 and not code.endswith("Exception") and code != "ServiceUnavailable" and status != 503:
        # A gateway between AWS and us: it may have passed the call on.
        return CarrierError(Fate.IN_DOUBT, code or str(status), reason)
    if status == 503:
        code = "ServiceUnavailable"
    return CarrierError(Fate.REFUSED, code, reason)
