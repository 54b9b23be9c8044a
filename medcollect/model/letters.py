"""What an office decided about its letters: letterhead, where payers take appeals, templates."""

from __future__ import annotations

import msgspec

from medcollect.model.policies import PayerRule


class PayerAddress(PayerRule, frozen=True):
    """Where one payer takes appeals: ``address`` in lines as on an envelope, with its fax number.

    Without lines the address of the remittance stands.
    """

    address: tuple[str, ...] = ()
    attention: str = ""
    fax: str = ""


class LetterOffice(msgspec.Struct, frozen=True):
    """The practice as its letters show it; what is empty is taken from the claim as filed.

    ``templates`` is a folder with the office's own templates, empty for those of the product.
    """

    templates: str = ""
    contact: str = ""
    phone: str = ""
    fax: str = ""
    signature: str = ""
    payers: tuple[PayerAddress, ...] = ()
