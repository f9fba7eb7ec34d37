"""Every call that changes something, with values that are right, by the name of its method."""

from collections.abc import Callable

from portal.graph import GraphClient, Meter

TOKEN = "EAAscriptedtoken0123456789"
NUMBER_ID = "200000000000001"
WABA_ID = "100000000000001"
PIN = "042917"
CODE = "123830"

Act = Callable[[GraphClient, Meter], object]

ACTIONS: dict[str, Act] = {
    "register": lambda client, meter: client.register(NUMBER_ID, token=TOKEN, pin=PIN, meter=meter),
    "deregister": lambda client, meter: client.deregister(NUMBER_ID, token=TOKEN, meter=meter),
    "set_pin": lambda client, meter: client.set_pin(NUMBER_ID, token=TOKEN, pin=PIN, meter=meter),
    "request_code": lambda client, meter: client.request_code(
        NUMBER_ID, token=TOKEN, code_method="SMS", language="en_US", meter=meter
    ),
    "verify_code": lambda client, meter: client.verify_code(NUMBER_ID, token=TOKEN, code=CODE, meter=meter),
    "request_display_name": lambda client, meter: client.request_display_name(
        NUMBER_ID, token=TOKEN, new_display_name="Harbor Bakery", meter=meter
    ),
    "add_phone_number": lambda client, meter: client.add_phone_number(
        WABA_ID, token=TOKEN, cc="1", phone_number="5550100001", verified_name="Harbor Bakery", meter=meter
    ),
}
