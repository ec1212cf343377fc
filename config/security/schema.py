"""How the API's schema tells of our tokens. Apart: REST framework reads the settings that name them."""

from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme


class TokenScheme(KnoxTokenScheme):  # type: ignore[no-untyped-call]
    """As of knox's own."""

    target_class = "config.security.tokens.TokenAuthentication"
