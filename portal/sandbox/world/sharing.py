"""What ends when a customer takes a WABA away from the partner."""

from dataclasses import replace

from portal.sandbox.world.world import Waba, World


def withdraw(world: World, waba: Waba) -> None:
    """Take the WABA from the partner, and from every business token of its owner's."""
    waba.relation = "unshared"
    world.token_states[f"waba:{waba.id}"] = "revoked"
    for text, grant in world.grants.items():
        left = [waba_id for waba_id in grant.waba_ids if waba_id != waba.id]
        if not left:
            world.token_states[grant.name] = "revoked"
        elif len(left) < len(grant.waba_ids):
            world.grants[text] = replace(grant, waba_ids=left)
    world.change_waba(waba, {})
