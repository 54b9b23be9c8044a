"""The denials that are open after the month, by hand from the codes' meanings.

Claim -> group and reason, category, amount. Answers that say only 'duplicate' (CH1002), prices of
bundling (CH4001), notices (CH3004 GA) and write-offs by rule (CH3005 GZ) leave nothing to work.
"""

from __future__ import annotations

DENIALS = {
    "CH2001": ("CO-197", "authorization", "900.00"),
    "CH2002": ("CO-4", "coding_modifier", "140.00"),
    "CH2003": ("CO-27", "eligibility_coverage", "220.00"),
    "CH2004": ("CO-29", "timely_filing", "175.00"),
    "CH2005": ("CO-16", "missing_information", "130.00"),
    "CH2006": ("CO-252", "documentation", "410.00"),
    "CH2007": ("CO-50", "medical_necessity", "260.00"),
    "CH2008": ("CO-97", "bundling", "85.00"),
    "CH2010": ("CO-22", "cob", "240.00"),
    "CH2011": ("PR-119", "benefit_maximum", "95.00"),
    "CH2012": ("PR-96", "non_covered", "120.00"),
    "CH2013": ("CO-B7", "provider_enrollment", "145.00"),
    "CH2014": ("CO-140", "demographic", "155.00"),
    "CH2015": ("CO-A1", "administrative", "190.00"),
    # the plan asks the patient about other coverage (N197)
    "CH2016": ("PR-227", "cob", "160.00"),
    # Medicare says that another plan of the patient has to pay
    "CH3006": ("CO-24", "cob", "110.00"),
    "CH5003": ("CO-27", "eligibility_coverage", "700.00"),
}

#: Claims that were turned away before they were judged: code and what is open; nothing is denied.
REJECTED = {"CH9501": ("A7:562:85", "198.00"), "CH9503": ("999:5", "165.00")}

#: What the worklist adds up to.
DENIED_OPEN = "4235.00"
