"""Which fields each Graph node type has: the default ones, their parts, and the version they came with.

What a field says is ``world.values``. From Meta's reference pages of WhatsApp Business Account, phone number,
pre-verified phone number and Business (v25.0), and from its SDK (v26.0).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.sandbox.http.messages import Values
from portal.sandbox.world.values import MISSING, reader
from portal.sandbox.world.world import Node, Number, PreverifiedNumber, Waba


@dataclass(frozen=True, slots=True)
class Field:
    """One field: ``parts`` of an object, ``node`` the type of a nested node, ``edge`` that of a nested listing."""

    default: bool = False
    since: int = 0
    parts: Mapping[str, "Field"] | None = None
    node: str = ""
    edge: str = ""


@dataclass(frozen=True, slots=True)
class NodeType:
    """A node type by Graph's name, and its fields. ``defaults`` is what comes without ``fields``."""

    name: str
    fields: Mapping[str, Field] = field(default_factory=dict)

    @property
    def defaults(self) -> tuple[str, ...]:
        """The fields of a reply to a call without ``fields``; ``id`` is not repeated here."""
        return tuple(name for name, each in self.fields.items() if each.default)


def _plain(names: str, *, default: bool = False) -> dict[str, Field]:
    return {name: Field(default=default) for name in names.split()}


def _object(parts: str, *, default: bool = False, **deeper: Field) -> Field:
    return Field(default=default, parts={**_plain(parts), **deeper})


_HEALTH = _object(
    "can_send_message",
    entities=_object(
        "entity_type id can_send_message can_receive_call_sip additional_info",
        errors=_object("error_code error_description possible_solution"),
    ),
)

NUMBER = NodeType(
    "WhatsAppBusinessPhoneNumber",
    {
        **_plain("verified_name code_verification_status display_phone_number quality_rating", default=True),
        **_plain("platform_type", default=True),
        "throughput": _object("level", default=True),
        "webhook_configuration": _object("application whatsapp_business_account phone_number", default=True),
        **_plain("last_onboarded_time", default=True),
        **_plain("id name_status new_name_status new_display_name account_mode status host_platform"),
        **_plain("is_official_business_account is_pin_enabled is_on_biz_app is_preverified_number"),
        **_plain("messaging_limit_tier certificate new_certificate eligibility_for_api_business_global_search"),
        **_plain("country_dial_code country_code username unified_cert_status"),
        "search_visibility": Field(since=21),
        "whatsapp_business_manager_messaging_limit": Field(since=24),
        "quality_score": _object("score date reasons"),
        "official_business_account": _object("oba_status status_message"),
        "conversational_automation": _object(
            "id enable_welcome_message prompts", commands=_object("command_name command_description")
        ),
        "health_status": _HEALTH,
        "whatsapp_business_profile": _object("data"),
    },
)

PROFILE = NodeType(
    "WhatsAppBusinessProfile",
    {
        **_plain("messaging_product", default=True),
        **_plain("about address description email websites vertical profile_picture_url"),
    },
)

WABA = NodeType(
    "WhatsAppBusinessAccount",
    {
        **_plain("name currency timezone_id message_template_namespace", default=True),
        **_plain("id account_review_status business_verification_status status ownership_type primary_funding_id"),
        **_plain("purchase_order_number country primary_business_location creation_time is_enabled_for_insights"),
        **_plain("is_shared_with_partners template_auto_archival_enabled disable_marketing_messages_on_cloud_api"),
        **_plain("marketing_messages_lite_api_status marketing_messages_onboarding_status service_pricing_policy"),
        **_plain("marketing_messages_ad_account whatsapp_manager_marketing_messages_max_price_enroll_status"),
        "whatsapp_business_manager_messaging_limit": Field(since=24),
        "owner_business": Field(node="Business"),
        "owner_business_info": _object("id name"),
        "on_behalf_of_business_info": _object("id name status type"),
        "auth_international_rate_eligibility": _object("start_time exception_countries"),
        "linked_commerce_account": _object("id name"),
        "health_status": _HEALTH,
        "phone_numbers": Field(edge="WhatsAppBusinessPhoneNumber"),
        "subscribed_apps": Field(edge="WhatsAppBusinessAccountSubscribedApp"),
    },
)

BUSINESS = NodeType(
    "Business",
    {
        **_plain("name", default=True),
        **_plain("id verification_status created_time two_factor_type"),
        "whatsapp_business_manager_messaging_limit": Field(since=24),
        "client_whatsapp_business_accounts": Field(edge="WhatsAppBusinessAccount"),
        "owned_whatsapp_business_accounts": Field(edge="WhatsAppBusinessAccount"),
        "preverified_numbers": Field(edge="WhatsAppBusinessPreVerifiedPhoneNumber"),
    },
)

PREVERIFIED = NodeType(
    "WhatsAppBusinessPreVerifiedPhoneNumber",
    {
        **_plain("phone_number code_verification_status code_verification_time", default=True),
        **_plain("verification_expiry_time", default=True),
        "owner_business": Field(default=True, node="Business"),
        **_plain("id"),
        "partners": Field(edge="Business"),
    },
)

SUBSCRIBED_APP = NodeType(
    "WhatsAppBusinessAccountSubscribedApp",
    {
        "whatsapp_business_api_data": _object("id name link", default=True),
        **_plain("override_callback_uri", default=True),
    },
)
"""An entry of a WABA's subscriptions, which has no id of its own. Graph's name for it is not documented."""

NODE_TYPES = {each.name: each for each in (NUMBER, PROFILE, WABA, BUSINESS, PREVERIFIED, SUBSCRIBED_APP)}


def kind_of(node: Node) -> NodeType:
    """The node's type, as Graph names it."""
    if isinstance(node, Number):
        return NUMBER
    if isinstance(node, PreverifiedNumber):
        return PREVERIFIED
    return WABA if isinstance(node, Waba) else BUSINESS


def all_values(node: Node) -> Values:
    """Every field that Graph's newest version would return for this node, edges left out."""
    read = reader(node)
    found = {name: read(name) for name, field in kind_of(node).fields.items() if not (field.edge or field.node)}
    return {name: value for name, value in found.items() if value is not MISSING}
