"""The invented payers and patients of the month."""

from __future__ import annotations

from datetime import date

from tests.support.specs import Payer, Person

PLAINFIELD = Payer("PLAINFIELD MUTUAL HEALTH", "PMH01", "999000101", "CI", "12")
HARBOR = Payer("HARBOR BENEFIT FUND", "HBF02", "999000102", "CI", "15")
STONEBRIDGE = Payer("STONEBRIDGE TRUST", "SBT03", "999000103", "CI", "15")
MEDICARE_B = Payer("GREAT RIVER MEDICARE SERVICES", "GRM04", "999000104", "MB", "MB")
MEDICARE_A = Payer("GREAT RIVER MEDICARE PART A", "GRA14", "999000114", "MA", "MA")
MEDICAID = Payer("PRAIRIE STATE MEDICAID", "PSM05", "999000105", "MC", "MC")
LANTERN = Payer("LANTERN SUPPLEMENT", "LSI06", "999000106", "CI", "15")
VALLEY = Payer("VALLEY CARE HMO", "VCH07", "999000107", "HM", "HM")
BRIGHTLEAF = Payer("BRIGHTLEAF DENTAL", "BLD08", "999000108", "CI", "12")

EDITH = Person("MARLOWE", "EDITH", date(1951, 3, 14), "F", "3 ORCHARD LANE")
WALTER = Person("THISTLEWOOD", "WALTER", date(1947, 8, 2), "M", "81 MILL ROAD")
OSCAR = Person("PEMBERTON", "OSCAR", date(1966, 7, 9), "M", "17 BIRCH STREET")
RUTH = Person("QUILLFEATHER", "RUTH", date(1972, 11, 30), "F", "5 HARVEST COURT")
MARCUS = Person("ASHGROVE", "MARCUS", date(1985, 5, 21), "M", "9 DEPOT STREET")
LENA = Person("ASHGROVE", "LENA", date(2016, 9, 4), "F", "9 DEPOT STREET")
PRIYA = Person("VANTERPOOL", "PRIYA", date(1990, 2, 17), "F", "220 LAKE AVENUE")
DEXTER = Person("HOLLINGBROOK", "DEXTER", date(1978, 12, 6), "M", "44 SCHOOL STREET")
MABEL = Person("CROWHURST", "MABEL", date(1969, 4, 25), "F", "62 NORTH RIDGE")
SAMIR = Person("LINDQVIST", "SAMIR", date(1994, 10, 11), "M", "7 FERRY LANDING")
GRETA = Person("OAKENSHIELDS", "GRETA", date(1981, 6, 19), "F", "35 POND VIEW")
JUNE = Person("TAMBLYN", "JUNE", date(1999, 1, 8), "F", "18 STATION ROAD")
HOBART = Person("FENWICKE", "HOBART", date(1944, 2, 29), "M", "100 RIVER BEND")
NORA = Person("STRICKLEBY", "NORA", date(2001, 7, 16), "F", "26 QUARRY LANE")
TILDA = Person("MOSSBURY", "TILDA", date(1988, 9, 23), "F", "51 COLLEGE GREEN")

#: Member ids by person; a plan adds its own first letters.
MEMBER_IDS = {
    person: f"{700100 + 37 * number}"
    for number, person in enumerate(
        (
            *(EDITH, WALTER, OSCAR, RUTH, MARCUS, LENA, PRIYA, DEXTER, MABEL, SAMIR, GRETA),
            *(JUNE, HOBART, NORA, TILDA),
        )
    )
}
