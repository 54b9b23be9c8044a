"""The people and organisations a claim names: Patient, Organization, Coverage.

They are minimal: enough to be referenced and recognised.
"""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from medcollect.fhir import systems
from medcollect.fhir.pieces import Node, coding, concept, filled, identifier, words
from medcollect.fhir.view import ClaimForFhir
from medcollect.model.claim import Coverage
from medcollect.model.common import Party


class Register:
    """The resources of one bundle in order of entry, each once, and references to them.

    References are ``urn:uuid`` names made from our ids, so that the same claim always gives the
    same bundle.
    """

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self.resources: dict[str, Node] = {}

    def url(self, key: str) -> str:
        """Give the name under which the resource with this key stands in the bundle."""
        return f"urn:uuid:{uuid5(NAMESPACE_URL, f'medcollect:{self._seed}:{key}')}"

    def add(self, key: str, resource: Node) -> Node:
        """Enter a resource unless its key is known; gives the reference to it."""
        self.resources.setdefault(key, resource)
        return {"reference": self.url(key)}


def patient_of(view: ClaimForFhir) -> Party:
    """Give the patient as the book knows them, else as the claim or the first answer names them."""
    if view.patient.last_name or view.patient.id:
        return view.patient
    if view.claim is not None:
        return view.claim.patient
    named = (answer.payment.party("QC") for answer in view.answers)
    return next((party for party in named if party is not None), Party())


def add_patient(register: Register, view: ClaimForFhir) -> Node:
    """Enter the patient."""
    party = patient_of(view)
    given = [name for name in (party.first_name, party.middle_name) if name]
    name = filled(
        family=party.last_name, given=given, suffix=[party.suffix] if party.suffix else []
    )
    member = [identifier(party.id, kind="MB")] if party.id else []
    resource = filled(
        resourceType="Patient",
        id=view.account_id or view.id,
        identifier=member,
        name=[name] if name else [],
        gender=systems.GENDERS.get(party.gender),
        birthDate=party.birth_date,
        address=_address(party),
    )
    return register.add("patient", resource)


def _address(party: Party) -> list[Node]:
    address = filled(
        line=[line for line in party.address if line],
        city=party.city,
        state=party.state,
        postalCode=party.postal_code,
    )
    return [address] if address else []


def party_key(party: Party) -> str:
    """Say what makes two mentions the same organisation: the name, else the id."""
    return " ".join(party.last_name.upper().split()) or party.id


def add_organization(register: Register, party: Party) -> Node:
    """Enter a payer or provider; an unnamed one stands as "Unknown"."""
    key = party_key(party)
    ids = [identifier(party.id, system=systems.NPI if party.id_qualifier == "XX" else "")]
    resource = filled(
        resourceType="Organization",
        identifier=ids if party.id else [],
        name=words(party.first_name, party.last_name) or "Unknown",
        address=_address(party),
    )
    return register.add(f"organization:{key}", resource)


def add_coverage(register: Register, coverage: Coverage, patient: Node) -> Node:
    """Enter the patient's coverage by one payer."""
    payer = add_organization(register, coverage.payer)
    relationship = systems.RELATIONSHIPS.get(coverage.relationship)
    resource = filled(
        resourceType="Coverage",
        status="active",
        subscriberId=coverage.subscriber.id,
        beneficiary=patient,
        relationship=relationship
        and concept(coding(systems.SUBSCRIBER_RELATIONSHIP, relationship)),
        payor=[payer],
        order=systems.PAYER_ORDER.get(coverage.rank_code),
        **{"class": _group(coverage)},
    )
    return register.add(f"coverage:{party_key(coverage.payer)}", resource)


def _group(coverage: Coverage) -> list[Node]:
    if not coverage.group_number.strip():
        return []
    kind = concept(coding(systems.COVERAGE_CLASS, "group"))
    return [filled(type=kind, value=coverage.group_number, name=coverage.group_name)]
