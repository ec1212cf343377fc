"""A stand-in for AWS End User Messaging SMS, SNS and Connect, with handsets in the browser.

It speaks their wire formats over HTTP and knows nothing of the applications that use it. Python tests start a
``Simulator``; people run ``python -m messaging.simulator`` and open its page.
"""

from messaging.simulator.records import Call, SendRequest, SentText
from messaging.simulator.simulator import Simulator

__all__ = ["Call", "SendRequest", "SentText", "Simulator"]
