"""How the OpenAPI schema names operations, and under which heading it puts them."""

from drf_spectacular.openapi import AutoSchema

# The end that drf-spectacular gives to POST and GET of an action, which says nothing.
_ENDS = {"POST": "_create", "GET": "_retrieve"}
_STANDARD = {"list", "create", "retrieve", "update", "partial_update", "destroy"}


class Schema(AutoSchema):
    """drf-spectacular's, with campaigns_pause instead of campaigns_pause_create."""

    def get_operation_id(self) -> str:
        """A name for the functions of generated clients."""
        name: str = super().get_operation_id()
        return name if getattr(self.view, "action", "") in _STANDARD else name.removesuffix(_ENDS.get(self.method, ""))

    def get_tags(self) -> list[str]:
        """The resource, as the address begins, in words."""
        return [self._tokenize_path()[0].replace("-", " ").capitalize()]
