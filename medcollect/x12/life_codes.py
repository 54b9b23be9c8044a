"""The codes of status and eligibility that decide something, as words.

Categories: the list of health care claim status categories. EB01, EB06, EB12, AAA03 and AAA04:
005010X279A1. The sentences are ours.
"""

from __future__ import annotations

from typing import Final

from medcollect.model.eligibility import Network
from medcollect.model.status import ClaimVerdict

#: Claim status category (STC01-1) -> where the claim stands.
CATEGORIES: Final[dict[str, ClaimVerdict]] = {
    "A0": "accepted",  # sent on to another entity
    "A1": "accepted",  # received
    "A2": "accepted",  # taken into adjudication
    "A3": "rejected",  # returned as unprocessable
    "A4": "not_found",
    "A5": "accepted",  # split
    "A6": "rejected",  # something is missing
    "A7": "rejected",  # something is wrong
    "A8": "rejected",  # something does not fit together
    "DR01": "accepted",
    "DR02": "accepted",
    "DR03": "rejected",
    "DR04": "not_found",
    "DR05": "rejected",
    "DR06": "rejected",
    "DR07": "rejected",
    "DR08": "accepted",  # with a warning
    "F0": "finalized",
    "F1": "paid",
    "F2": "denied",
    "F3": "finalized",  # revised
    "F3F": "finalized",  # sent on to another payer
    "F3N": "finalized",
    "F4": "finalized",  # no payment will come
    "D0": "not_found",
}
#: First letter of the categories that come in long rows.
CATEGORY_FAMILIES: Final[dict[str, ClaimVerdict]] = {
    "P": "pending",
    "R": "information_requested",
    "E": "error",
}

#: EB01 -> its word.
BENEFITS: Final = {
    "1": "active", "2": "active", "3": "active", "4": "active", "5": "active",
    "6": "inactive", "7": "inactive", "8": "inactive",
    "A": "coinsurance", "B": "copayment", "C": "deductible", "CB": "coverage_basis",
    "D": "description", "E": "exclusion", "F": "limitation", "G": "out_of_pocket",
    "H": "unlimited", "I": "not_covered", "J": "cost_containment", "K": "reserve",
    "L": "primary_care_provider", "M": "pre_existing_condition",
    "MC": "managed_care_coordinator", "N": "restricted_to_provider",
    "O": "not_medically_necessary", "P": "disclaimer", "Q": "second_opinion_required",
    "R": "other_payer", "S": "history", "T": "card_lost", "U": "contact_other_entity",
    "V": "cannot_process", "W": "other_source", "X": "facility", "Y": "spend_down",
}  # fmt: skip
COST_SHARES: Final = frozenset({"coinsurance", "copayment", "deductible", "out_of_pocket"})

#: EB06 -> its word.
PERIODS: Final = {
    "6": "hour", "7": "day", "13": "24_hours", "21": "years", "22": "service_year",
    "23": "calendar_year", "24": "year_to_date", "25": "contract", "26": "episode",
    "27": "visit", "28": "outlier", "29": "remaining", "30": "exceeded",
    "31": "not_exceeded", "32": "lifetime", "33": "lifetime_remaining", "34": "month",
    "35": "week", "36": "admission",
}  # fmt: skip
USED: Final = "24"
REMAINING: Final = frozenset({"29", "33"})

#: EB12 -> its word.
NETWORKS: Final[dict[str, Network]] = {"Y": "in", "N": "out", "W": "both", "U": "unknown"}

#: AAA03 -> why a question was refused.
REJECT_REASONS: Final = {
    "04": "the authorized quantity is exceeded",
    "15": "required data is missing",
    "33": "the input has errors",
    "35": "out of network",
    "41": "the asker has no access",
    "42": "the payer cannot answer at present",
    "43": "the provider's identifier is missing or wrong",
    "44": "the provider's name is missing or wrong",
    "45": "the provider's specialty is missing or wrong",
    "46": "the provider's telephone number is missing or wrong",
    "47": "the provider's state is missing or wrong",
    "48": "the referring provider's identifier is missing or wrong",
    "49": "the provider is not the primary care physician",
    "50": "the provider may not ask",
    "51": "the provider is not on file",
    "52": "the dates of service are outside the provider's enrolment",
    "53": "the benefit does not fit the type of provider",
    "54": "the qualifier of the product or service does not fit",
    "55": "the product or service does not fit",
    "56": "a date does not fit",
    "57": "the date of service is missing or wrong",
    "58": "the date of birth is missing or wrong",
    "60": "the date of birth is after the date of service",
    "61": "the date of death is before the date of service",
    "62": "the date of service is outside the period that may be asked about",
    "63": "the date of service is in the future",
    "64": "the patient's identifier is missing or wrong",
    "65": "the patient's name is missing or wrong",
    "66": "the patient's gender is missing or wrong",
    "67": "the patient was not found",
    "68": "the patient's identifier is not unique",
    "69": "it does not fit the patient's age",
    "70": "it does not fit the patient's gender",
    "71": "the patient's date of birth is another one on file",
    "72": "the subscriber's identifier is missing or wrong",
    "73": "the subscriber's name is missing or wrong",
    "74": "the subscriber's gender is missing or wrong",
    "75": "the subscriber was not found",
    "76": "the subscriber's identifier is not unique",
    "77": "the subscriber was found, the patient was not",
    "78": "the subscriber is not in this group or plan",
    "79": "the participant's identification is wrong",
    "80": "no answer came; the transaction was ended",
    "97": "the provider's address is missing or wrong",
    "98": "an experimental service or procedure",
    "T4": "the payer's name or identifier is missing",
    "AA": "the authorization number was not found",
    "AE": "the primary care physician must authorize it",
    "AF": "the diagnosis code is missing or wrong",
    "AG": "the procedure code is missing or wrong",
    "AO": "more on the patient's condition is wanted",
    "CI": "the certification does not fit the patient",
    "E8": "a medical review is needed",
    "IA": "the authorization number has a wrong form",
    "MA": "the authorization number is missing",
}
UNKNOWN_REASON: Final = "a reason that is not in the standard"

#: AAA04 -> what to do.
FOLLOW_UPS: Final = {
    "C": "Correct the data and ask again.",
    "N": "Do not ask again.",
    "P": "Send the original question again.",
    "R": "Asking again is allowed.",
    "S": "Do not ask again: the payer asks a third party.",
    "W": "Wait 30 days and ask again.",
    "X": "Wait 10 days and ask again.",
    "Y": "Do not ask again: the payer keeps the question and answers shortly.",
}
UNKNOWN_FOLLOW_UP: Final = "Ask the payer."
