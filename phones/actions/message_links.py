"""What can be done to the message links of a number: making, changing and deleting one."""

from dataclasses import dataclass

from phones.actions.number import NumberRequest
from phones.choices import ActionKind
from portal.graph import Meter
from portal.graph.writes import GraphWriter


@dataclass(kw_only=True, eq=False)
class MessageLinkRequest(NumberRequest):
    """Something to be done to a link, whose `code` and `message` are in the details.

    `alike` there says how many links had the message before, `before` what the link said: a reading tells by these
    whether it was done.
    """

    def call(self, writer: GraphWriter, meter: Meter) -> None:
        pk, token, details = self.number.phone_number_id, self.token, self.details
        match self.kind:
            case ActionKind.MESSAGE_LINK:
                writer.make_message_link(pk, token=token, prefilled_message=details["message"], meter=meter)
            case ActionKind.CHANGE_MESSAGE_LINK:
                code, message = details["code"], details["message"]
                writer.change_message_link(pk, token=token, code=code, prefilled_message=message, meter=meter)
            case ActionKind.DROP_MESSAGE_LINK:
                writer.delete_message_link(pk, token=token, code=details["code"], meter=meter)
            case _:
                raise ValueError("This is not done to a message link.")
