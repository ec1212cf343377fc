"""How the API's schema tells of our tokens. Apart: REST framework reads the settings that name them."""

from typing import Any

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """As of knox's own."""

    target_class = "config.security.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """With how to get one."""
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "The word Token, a space and a token: `Token 5f2c…`. Somebody makes one in the admin, under "
            "API tokens, or by `manage.py create_token`. It may do what its user may.",
        }
