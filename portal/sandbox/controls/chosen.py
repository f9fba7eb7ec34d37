"""The number or WABA that a control request is about: the one that it names, else one that chance picks."""

from collections.abc import Callable
from random import Random

from portal.sandbox.controls.request_body import BadRequestError
from portal.sandbox.http.messages import Values
from portal.sandbox.world.world import Number, Waba, World


def chosen_number(world: World, body: Values, *fits: Callable[[Number], bool]) -> Number:
    """The number of the body, else one that fits the first of these rules that any number fits."""
    if "phone_number_id" in body:
        number = world.number(str(body["phone_number_id"]))
        if number is None or not any(rule(number) for rule in fits):
            raise BadRequestError(f"Number {body['phone_number_id']} is not there, or this cannot happen to it")
        return number
    known = [number for waba in world.wabas.values() if _is_clients(waba) for number in waba.numbers]
    for rule in fits:
        found = [number for number in known if rule(number)]
        if found:
            return _random(world).choice(found)
    raise BadRequestError("There is no number to which this can happen")


def chosen_waba(world: World, body: Values) -> Waba:
    """The WABA of the body, else any client's that can be read."""
    if "waba_id" in body:
        waba = world.wabas.get(str(body["waba_id"]))
        if waba is None:
            raise BadRequestError(f"There is no WABA {body['waba_id']}")
        return waba
    known = [waba for waba in world.wabas.values() if _is_clients(waba)]
    if not known:
        raise BadRequestError("There is no WABA to which this can happen")
    return _random(world).choice(known)


def _is_clients(waba: Waba) -> bool:
    return waba.relation == "client" and not waba.trouble


def _random(world: World) -> Random:
    world.drifted += 1
    return Random(f"{world.seed} happening {world.drifted}")
