"""How a campaign is named in messaging: the key of the conversation, and the keys of its texts."""

CONVERSATION = "shifts"


def key_prefix(campaign_id: str) -> str:
    """What the idempotency key of each of its texts begins with; the phone number follows."""
    return f"campaign:{campaign_id}:"
