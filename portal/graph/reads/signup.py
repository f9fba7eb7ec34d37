"""What follows an Embedded Signup: a token for its code, what that token may do, a line of credit for the customer."""

import re

from portal.graph.errors.redaction import Redactor
from portal.graph.errors.verdicts import Call
from portal.graph.http.usage import Meter
from portal.graph.reads.asking import Calls
from portal.graph.reads.tokens import BusinessToken, TokenFacts, is_usable, read_business_token, read_token
from portal.graph.writes import changes
from portal.graph.writes.changes import checked_id, read_allocation

_CODE = re.compile(r"[\x21-\x7e]{1,4096}")
_APP_SECRET = re.compile(r"[\x21-\x7e]{1,256}")


class Signup(Calls):
    """The client's methods for new customers."""

    def exchange_code(self, *, app_id: str, app_secret: str, code: str, meter: Meter | None = None) -> BusinessToken:
        """The customer's business token for the code that the signup's dialog handed over.

        The code lives 30 seconds and works once, so this is sent once: `CodeExpired`, `CodeUsed`, `CodeNotForUs`. After
        an error with `effect_possible` the code may be used up and its token lost, and nothing can bring it back: the
        customer goes through the signup again. `ValueError` when one of the three cannot be what it should be.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/embedded-signup/onboarding-customers-as-a-solution-partner
        """
        if not _APP_SECRET.fullmatch(app_secret):
            raise ValueError("An app secret is a word of ASCII characters.")
        if not _CODE.fullmatch(code):
            raise ValueError("A signup's code is a word of ASCII characters.")
        call = Call(
            f"/{self._config.version}/oauth/access_token",
            # The code after another parameter: "&code=" is what cleaners of logs know it by.
            parameters=(("client_id", checked_id(app_id)), ("client_secret", app_secret), ("code", code)),
            secrets=(app_secret, code),
            exchange=True,
        )
        return self._transport.exchange(call, meter=meter or Meter(), read=read_business_token)

    def debug_token(self, input_token: str, *, token: str, meter: Meter | None = None) -> TokenFacts:
        """What Graph knows about `input_token`; `token` is the app's own (`app id|app secret`) or a system user's."""
        if not is_usable(input_token):
            raise ValueError("A token is a word of ASCII characters.")
        redactor = Redactor((input_token, token, self._config.app_secret))
        call = Call(
            f"/{self._config.version}/debug_token",
            parameters=(("input_token", input_token),),
            secrets=(input_token,),
        )
        return self._transport.get(
            call, token=token, meter=meter or Meter(), read=lambda body: read_token(body, redactor)
        )

    def share_credit_line(
        self, extended_credit_id: str, *, token: str, waba_id: str, waba_currency: str, meter: Meter | None = None
    ) -> str:
        """The id of the share (`allocation_config_id`) by which the partner's line of credit pays for a WABA.

        `token` is the partner's system user's; `waba_currency` is a currency's code, such as `USD`.

        Source: https://developers.facebook.com/documentation/business-messaging/whatsapp/solution-providers/share-and-revoke-credit-lines
        """
        change = changes.share_credit_line(waba_id, waba_currency)
        return self._change(extended_credit_id, change, lambda body: read_allocation(body, waba_id), token, meter)
