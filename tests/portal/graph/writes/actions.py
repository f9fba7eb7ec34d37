"""Every call that changes something, with values that are right, by the name of its method."""

from collections.abc import Callable

from portal.graph import Meter
from portal.graph.writes import GraphWriter

TOKEN = "EAAscriptedtoken0123456789"
NUMBER_ID = "200000000000001"
WABA_ID = "100000000000001"
PIN = "042917"
LINK_CODE = "4O4YGZEG3RIVE1"
CODE = "123830"
APP_ID = "400000000000001"
BUSINESS_ID = "300000000000001"
PARTNER_ID = "300000000000002"
CREDIT_ID = "700000000000001"
SHARE_ID = "700000000000002"
POOL_ID = "500000000000001"
CALLBACK = "https://portal.example/hooks/wa"
VERIFY_TOKEN = "verifysentinel/012345"

AUTOMATION: dict[str, object] = {
    "enable_welcome_message": False,
    "prompts": ["Open today?"],
    "commands": [{"command_name": "menu", "command_description": "What there is"}],
}

APPLICATION: dict[str, object] = {
    "business_website_url": "https://bakery.example/",
    "primary_country_of_operation": "Spain",
}

Act = Callable[[GraphWriter, Meter], object]

ACTIONS: dict[str, Act] = {
    "register": lambda writer, meter: writer.register(NUMBER_ID, token=TOKEN, pin=PIN, meter=meter),
    "deregister": lambda writer, meter: writer.deregister(NUMBER_ID, token=TOKEN, meter=meter),
    "set_pin": lambda writer, meter: writer.set_pin(NUMBER_ID, token=TOKEN, pin=PIN, meter=meter),
    "request_code": lambda writer, meter: writer.request_code(
        NUMBER_ID, token=TOKEN, code_method="SMS", language="en_US", meter=meter
    ),
    "verify_code": lambda writer, meter: writer.verify_code(NUMBER_ID, token=TOKEN, code=CODE, meter=meter),
    "request_display_name": lambda writer, meter: writer.request_display_name(
        NUMBER_ID, token=TOKEN, new_display_name="Harbor Bakery", meter=meter
    ),
    "update_business_profile": lambda writer, meter: writer.update_business_profile(
        NUMBER_ID, token=TOKEN, changes={"about": "Fresh bread", "websites": ["https://bakery.example/"]}, meter=meter
    ),
    "set_username": lambda writer, meter: writer.set_username(
        NUMBER_ID, token=TOKEN, username="harbor_bakery", meter=meter
    ),
    "delete_username": lambda writer, meter: writer.delete_username(NUMBER_ID, token=TOKEN, meter=meter),
    "change_call_settings": lambda writer, meter: writer.change_call_settings(
        NUMBER_ID, token=TOKEN, changes={"status": "ENABLED", "call_hours": {"status": "DISABLED"}}, meter=meter
    ),
    "set_storage": lambda writer, meter: writer.set_storage(NUMBER_ID, token=TOKEN, region="DE", meter=meter),
    "set_identity_check": lambda writer, meter: writer.set_identity_check(
        NUMBER_ID, token=TOKEN, is_on=True, meter=meter
    ),
    "change_automation": lambda writer, meter: writer.change_automation(
        NUMBER_ID, token=TOKEN, automation=AUTOMATION, meter=meter
    ),
    "request_official_account": lambda writer, meter: writer.request_official_account(
        NUMBER_ID, token=TOKEN, application=APPLICATION, meter=meter
    ),
    "make_message_link": lambda writer, meter: writer.make_message_link(
        NUMBER_ID, token=TOKEN, prefilled_message="Cyber Monday", meter=meter
    ),
    "change_message_link": lambda writer, meter: writer.change_message_link(
        NUMBER_ID, token=TOKEN, code=LINK_CODE, prefilled_message="Cyber Monday", meter=meter
    ),
    "delete_message_link": lambda writer, meter: writer.delete_message_link(
        NUMBER_ID, token=TOKEN, code=LINK_CODE, meter=meter
    ),
    "add_phone_number": lambda writer, meter: writer.add_phone_number(
        WABA_ID, token=TOKEN, cc="1", phone_number="5550100001", verified_name="Harbor Bakery", meter=meter
    ),
    "subscribe_app": lambda writer, meter: writer.subscribe_app(WABA_ID, token=TOKEN, meter=meter),
    "override_of_waba": lambda writer, meter: writer.override_of_waba(
        WABA_ID, token=TOKEN, callback_url=CALLBACK, verify_token=VERIFY_TOKEN, meter=meter
    ),
    "override_of_number": lambda writer, meter: writer.override_of_number(
        NUMBER_ID, token=TOKEN, callback_url=CALLBACK, verify_token=VERIFY_TOKEN, meter=meter
    ),
    "unsubscribe_app": lambda writer, meter: writer.unsubscribe_app(WABA_ID, token=TOKEN, meter=meter),
    "subscribe_webhooks": lambda writer, meter: writer.subscribe_webhooks(
        APP_ID,
        token=TOKEN,
        callback_url=CALLBACK,
        verify_token=VERIFY_TOKEN,
        fields=["account_update", "phone_number_name_update"],
        meter=meter,
    ),
    "share_credit_line": lambda writer, meter: writer.share_credit_line(
        CREDIT_ID, token=TOKEN, waba_id=WABA_ID, waba_currency="USD", meter=meter
    ),
    "revoke_credit_line": lambda writer, meter: writer.revoke_credit_line(SHARE_ID, token=TOKEN, meter=meter),
    "add_preverified_number": lambda writer, meter: writer.add_preverified_number(
        BUSINESS_ID, token=TOKEN, phone_number="15550100077", meter=meter
    ),
    "share_preverified_number": lambda writer, meter: writer.share_preverified_number(
        BUSINESS_ID, token=TOKEN, preverified_id=POOL_ID, partner_business_id=PARTNER_ID, meter=meter
    ),
    "unshare_preverified_number": lambda writer, meter: writer.unshare_preverified_number(
        BUSINESS_ID, token=TOKEN, preverified_id=POOL_ID, partner_business_id=PARTNER_ID, meter=meter
    ),
    "delete_preverified_number": lambda writer, meter: writer.delete_preverified_number(
        POOL_ID, token=TOKEN, meter=meter
    ),
}

# Those whose answer is an id, and those that take something away.
MAKING = {"add_phone_number", "share_credit_line", "add_preverified_number"}
TAKING = {
    "unshare_preverified_number",
    "delete_preverified_number",
    "delete_username",
    "delete_message_link",
    "unsubscribe_app",
    "revoke_credit_line",
}
