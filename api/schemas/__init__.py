"""Response bodies: the words and figures of the command line, described."""

from __future__ import annotations

from api.schemas.accounts import AccountList, Balance, FoundAccounts
from api.schemas.asking import AskedPayers
from api.schemas.balances import BalancesExported, BalancesImported, BalancesPreview
from api.schemas.bank import DepositsImported, Reconciliation, TiedDeposit
from api.schemas.billing import Billed
from api.schemas.claims import Claim, ClaimList, Entered, FhirBundle, FoundClaims
from api.schemas.closings import Closing
from api.schemas.common import Health
from api.schemas.contracts import (
    ContractImported,
    ContractList,
    ContractShown,
    Underpayment,
    UnderpaymentList,
)
from api.schemas.entries import EntryList
from api.schemas.imports import Import, ImportList, ImportSummary, Undone
from api.schemas.letters import Letter, LetterList
from api.schemas.patient_payments import (
    Bounced,
    PatientPayment,
    PatientPaymentList,
    PaymentsImported,
    Refunded,
)
from api.schemas.provider_adjustments import ProviderAdjustmentList
from api.schemas.remittances import Remittance, RemittanceList
from api.schemas.reports import MovementName, Report, ReportFormat, ReportList, ReportName
from api.schemas.settings import Reposted, SettingsShown
from api.schemas.work import Decision, DenialList, ExceptionList

__all__ = [
    "AccountList",
    "AskedPayers",
    "Balance",
    "BalancesExported",
    "BalancesImported",
    "BalancesPreview",
    "Billed",
    "Bounced",
    "Claim",
    "ClaimList",
    "Closing",
    "ContractImported",
    "ContractList",
    "ContractShown",
    "Decision",
    "DenialList",
    "DepositsImported",
    "Entered",
    "EntryList",
    "ExceptionList",
    "FhirBundle",
    "FoundAccounts",
    "FoundClaims",
    "Health",
    "Import",
    "ImportList",
    "ImportSummary",
    "Letter",
    "LetterList",
    "MovementName",
    "PatientPayment",
    "PatientPaymentList",
    "PaymentsImported",
    "ProviderAdjustmentList",
    "Reconciliation",
    "Refunded",
    "Remittance",
    "RemittanceList",
    "Report",
    "ReportFormat",
    "ReportList",
    "ReportName",
    "Reposted",
    "SettingsShown",
    "TiedDeposit",
    "Underpayment",
    "UnderpaymentList",
    "Undone",
]
