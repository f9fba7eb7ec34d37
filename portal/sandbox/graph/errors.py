"""Graph's errors: which code, status and type each refusal has, and the envelope it travels in.

Who is refused what is decided elsewhere. Codes, statuses and envelope as in Meta's error handling guide
(developers.facebook.com/docs/graph-api/guides/error-handling) and WhatsApp's list of error codes.
"""

import json

from portal.sandbox.http.messages import Request, Values

_LANGUAGES = ("en", "de", "es", "fr", "pt")

# Texts for people, in the order of _LANGUAGES. Graph localises the title and the message, never `message` alone.
_TITLES = {
    "throttled": (
        "Too many calls",
        "Zu viele Aufrufe",
        "Demasiadas llamadas",
        "Trop d’appels",
        "Chamadas demais",
    ),
    "no_access": (
        "Access to this account is missing",
        "Der Zugriff auf dieses Konto fehlt",
        "Falta el acceso a esta cuenta",
        "L’accès à ce compte manque",
        "Falta acesso a esta conta",
    ),
    "not_admitted": (
        "Filter not available",
        "Filter nicht verfügbar",
        "Filtro no disponible",
        "Filtre indisponible",
        "Filtro indisponível",
    ),
    "code_not_sent": (
        "The code could not be sent",
        "Der Code konnte nicht gesendet werden",
        "No se pudo enviar el código",
        "Le code n’a pas pu être envoyé",
        "Não foi possível enviar o código",
    ),
    "too_many_codes": (
        "Too many codes",
        "Zu viele Codes",
        "Demasiados códigos",
        "Trop de codes",
        "Códigos demais",
    ),
    "no_certificate": (
        "No certificate yet",
        "Noch kein Zertifikat",
        "Todavía no hay certificado",
        "Pas encore de certificat",
        "Ainda não há certificado",
    ),
}
_TEXTS = {
    "throttled": (
        "This account was asked too often within the hour. Wait, then try again.",
        "Dieses Konto wurde in dieser Stunde zu oft abgefragt. Warten Sie und versuchen Sie es dann erneut.",
        "Se consultó esta cuenta demasiadas veces en esta hora. Espera y vuelve a intentarlo.",
        "Ce compte a été interrogé trop souvent pendant cette heure. Patientez, puis réessayez.",
        "Esta conta foi consultada vezes demais nesta hora. Espere e tente de novo.",
    ),
    "no_access": (
        "The business has to assign this account to your system user again.",
        "Das Unternehmen muss dieses Konto Ihrem Systemnutzer erneut zuweisen.",
        "La empresa tiene que volver a asignar esta cuenta a tu usuario del sistema.",
        "L’entreprise doit de nouveau attribuer ce compte à votre utilisateur système.",
        "A empresa precisa atribuir esta conta de novo ao seu usuário do sistema.",
    ),
    "not_admitted": (
        "Your app does not take part in the test of this filter.",
        "Ihre App nimmt nicht am Test dieses Filters teil.",
        "Tu aplicación no participa en la prueba de este filtro.",
        "Votre application ne participe pas à l’essai de ce filtre.",
        "Seu aplicativo não participa do teste deste filtro.",
    ),
    "code_not_sent": (
        "The servers cannot reach this number at present. Wait an hour, then try again or have it called.",
        "Die Server erreichen diese Nummer zurzeit nicht. Warten Sie eine Stunde oder lassen Sie die Nummer anrufen.",
        "Los servidores no llegan a este número por ahora. Espera una hora o pide una llamada.",
        "Les serveurs ne joignent pas ce numéro pour l’instant. Patientez une heure ou demandez un appel.",
        "Os servidores não alcançam este número agora. Espere uma hora ou peça uma ligação.",
    ),
    "too_many_codes": (
        "Codes were asked for too often. It takes a long while until another one can be sent.",
        "Es wurden zu oft Codes angefordert. Bis zum nächsten dauert es lange.",
        "Se pidieron códigos demasiadas veces. Pasará mucho tiempo hasta el próximo.",
        "Des codes ont été demandés trop souvent. Le prochain se fera attendre.",
        "Foram pedidos códigos vezes demais. O próximo vai demorar.",
    ),
    "no_certificate": (
        "The certificate for this number and its display name cannot be created.",
        "Das Zertifikat für diese Nummer und ihren Anzeigenamen lässt sich nicht erstellen.",
        "No se puede crear el certificado de este número y su nombre visible.",
        "Impossible de créer le certificat de ce numéro et de son nom d’affichage.",
        "Não é possível criar o certificado deste número e do seu nome de exibição.",
    ),
}


class GraphError(Exception):
    """A refusal as Graph words it.

    ``phrase`` names a localised text for people; ``details`` fills ``error_data``, which Graph sends at times as an
    object and at times as text that holds JSON (``details_as_text``). ``transient`` None leaves ``is_transient`` out,
    unless there is a phrase.
    """

    def __init__(
        self,
        code: int,
        message: str,
        *,
        status: int = 400,
        subcode: int | None = None,
        kind: str = "OAuthException",
        phrase: str = "",
        details: str = "",
        details_as_text: bool = False,
        transient: bool | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.subcode = subcode
        self.kind = kind
        self.phrase = phrase
        self.details = details
        self.details_as_text = details_as_text
        self.transient = False if transient is None and phrase else transient

    def envelope(self, language: str, trace: str) -> Values:
        """The JSON body of this refusal."""
        error: Values = {"message": self.message, "type": self.kind, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.details:
            data = {"messaging_product": "whatsapp", "details": self.details}
            error["error_data"] = json.dumps(data) if self.details_as_text else data
        if self.transient is not None:
            error["is_transient"] = self.transient
        if self.phrase:
            spoken = _LANGUAGES.index(language)
            error["error_user_title"] = _TITLES[self.phrase][spoken]
            error["error_user_msg"] = _TEXTS[self.phrase][spoken]
        error["fbtrace_id"] = trace
        return {"error": error}


def language(request: Request) -> str:
    """The language for texts meant for people: ``locale``, else Accept-Language, else English."""
    wished = request.parameters.get("locale", "") or request.headers.get("accept-language", "")
    for part in wished.split(","):
        word = part.strip()[:2].lower()
        if word in _LANGUAGES:
            return word
    return "en"


def missing(node_id: str, method: str = "GET") -> GraphError:
    """Deleted, never there, or not visible to this token: Graph does not tell which."""
    return GraphError(
        100,
        f"Unsupported {method.lower()} request. Object with ID '{node_id}' does not exist, cannot be loaded due to "
        "missing permissions, or does not support this operation",
        subcode=33,
        kind="GraphMethodException",
    )


def unknown_field(name: str, node_type: str) -> GraphError:
    """A field that the node type does not have fails the whole call."""
    return GraphError(100, f"(#100) Tried accessing nonexisting field ({name}) on node type ({node_type})")


def bad_parameter(text: str) -> GraphError:
    """A parameter that Graph does not take."""
    return GraphError(100, f"(#100) {text}")


def bad_fields(fields: str, position: int, text: str) -> GraphError:
    """A ``fields`` parameter that cannot be read."""
    return GraphError(2500, f'Syntax error "{text}" at character {position}: {fields[:200]}')


def unknown_path(segments: list[str]) -> GraphError:
    """A path that leads nowhere."""
    return GraphError(2500, f"Unknown path components: /{'/'.join(segments)}", status=404)


def unknown_alias(name: str) -> GraphError:
    """A name where Graph expects an id."""
    return GraphError(803, f"(#803) Some of the aliases you requested do not exist: {name}", status=404)


def no_token() -> GraphError:
    """A call without any token."""
    return GraphError(104, "An access token is required to request this resource.")


def bad_token(text: str, subcode: int | None = None) -> GraphError:
    """A token that is unknown or no longer good."""
    return GraphError(190, text, status=401, subcode=subcode)


def bad_batch(text: str) -> GraphError:
    """A batch that cannot be taken as a whole."""
    return GraphError(-3, text, kind="GraphBatchException")


def bad_proof(text: str) -> GraphError:
    """A missing or wrong ``appsecret_proof``."""
    return GraphError(100, text, kind="GraphMethodException")


def no_permission(text: str) -> GraphError:
    """The token lacks a permission or a task on the asset."""
    return GraphError(
        200,
        f"(#200) {text}",
        status=403,
        phrase="no_access",
        details=text,
        details_as_text=True,
    )


def filter_not_admitted() -> GraphError:
    """The beta filter on ``account_mode``, asked for by an app that is not part of the beta."""
    text = "This app is not admitted to the beta of the account_mode filter"
    return GraphError(10, f"(#10) {text}", status=403, phrase="not_admitted", details=text)


def waba_throttled(minutes: int) -> GraphError:
    """The WABA's hourly management quota is spent."""
    return GraphError(
        80008,
        "(#80008) There have been too many calls to this WhatsApp Business account. Wait a bit and try again.",
        phrase="throttled",
        details=f"The calls of the past hour have to age: about {minutes} minutes.",
    )


def app_throttled() -> GraphError:
    """The app's own hourly limit is spent."""
    return GraphError(4, "(#4) Application request limit reached", subcode=2446079, phrase="throttled")
