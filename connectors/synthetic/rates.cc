#include "connectors/synthetic/rates.h"

#include <cmath>

namespace flosync::synthetic {
namespace {

constexpr RateInfo kRates[] = {
    {"duplicate_per_mille", &Rates::duplicate_per_mille, 1e3, "records sent once more, seconds to days later"},
    {"late_per_mille", &Rates::late_per_mille, 1e3, "records held back for minutes up to three days"},
    {"out_of_order_per_mille", &Rates::out_of_order_per_mille, 1e3,
     "changes after which the older state is sent once more"},
    {"malformed_per_million", &Rates::malformed_per_million, 1e6,
     "records of which a damaged copy comes first, the good one within hours"},
    {"corrected_per_mille", &Rates::corrected_per_mille, 1e3,
     "FLO changes registered wrong at first, put right days later"},
    {"conflicting_per_mille", &Rates::conflicting_per_mille, 1e3,
     "changes sent with a wrong content first, then right under the same version"},
    {"timestamp_back_per_mille", &Rates::timestamp_back_per_mille, 1e3,
     "records with a broker timestamp earlier than the one before"},
    {"personal_data_per_million", &Rates::personal_data_per_million, 1e6,
     "records with a synthetic identity number as key or in a patient list"},
    {"broken_line_per_million", &Rates::broken_line_per_million, 1e6,
     "lines followed by one that is no record; for files, not for a broker"},
    {"soap_person_share", &Rates::soap_person_share, 1, "persons sent as SOAP XML instead of JSON"},
    {"birth_unknown_per_mille", &Rates::birth_unknown_per_mille, 1e3, "persons without birth date"},
    {"sex_unknown_per_mille", &Rates::sex_unknown_per_mille, 1e3, "persons whose sex is not known or not specified"},
    {"bad_nin_per_mille", &Rates::bad_nin_per_mille, 1e3, "persons whose identity number has wrong control digits"},
    {"uncounted_approval_per_mille", &Rates::uncounted_approval_per_mille, 1e3,
     "doctors with a speciality under a student licence (3) or no authorisation (99)"},
    {"second_category_per_mille", &Rates::second_category_per_mille, 1e3,
     "doctors who have been nurses and hold that approval too"},
    {"merges_per_month", &Rates::merges_per_month, 1e5, "doctors registered twice and merged"},
    {"gp_merges_per_month", &Rates::gp_merges_per_month, 1e5, "GPs whose number is merged into another"},
    {"event_merges_per_month", &Rates::event_merges_per_month, 1e5,
     "mergers told by HprNumbersMerged alone, the old entry is never sent again"},
    {"chained_merges_per_month", &Rates::chained_merges_per_month, 1e5,
     "doctors merged before whose number is merged once more"},
    {"merge_cycles_per_month", &Rates::merge_cycles_per_month, 1e5,
     "GPs and others whose entries name each other as the surviving one, or themselves"},
    {"deletions_per_month", &Rates::deletions_per_month, 1e5, "doctors deleted from HPR by event and tombstone"},
    {"gp_deletions_per_month", &Rates::gp_deletions_per_month, 1e5,
     "GPs deleted from HPR by mistake; they return within days"},
    {"person_returns_share", &Rates::person_returns_share, 1, "deleted doctors who come back after days or weeks"},
    {"gp_deaths_per_month", &Rates::gp_deaths_per_month, 1e5, "GPs who die"},
    {"gp_suspensions_per_month", &Rates::gp_suspensions_per_month, 1e5,
     "GPs suspended: on the person, the approval or the speciality, as reaction or suspension"},
    {"gp_ended_approvals_per_month", &Rates::gp_ended_approvals_per_month, 1e5,
     "GPs whose approval or speciality gets an ended status (1, 2, 3 or 99)"},
    {"substitute_suspensions_per_month", &Rates::substitute_suspensions_per_month, 1e5,
     "doctors suspended while they substitute for a GP"},
    {"reactions_per_month", &Rates::reactions_per_month, 1e5,
     "other doctors with an administrative reaction, suspending or not"},
    {"ended_approvals_per_month", &Rates::ended_approvals_per_month, 1e5,
     "other doctors whose approval or speciality gets an ended status (1, 2, 3 or 99)"},
    {"retroactive_specialities_per_month", &Rates::retroactive_specialities_per_month, 1e5,
     "specialities of GPs registered one to nine months after they began"},
    {"lapsed_renewal_share", &Rates::lapsed_renewal_share, 1,
     "GPs' specialities that run out because the renewal was forgotten"},
    {"trigger_event_per_mille", &Rates::trigger_event_per_mille, 1e3,
     "person changes announced by an event that the daemon ignores"},
    {"second_list_elsewhere_share", &Rates::second_list_elsewhere_share, 1,
     "second lists of a GP that lie in another municipality"},
    {"shared_list_share", &Rates::shared_list_share, 1, "agreements with a doctor who shares the list (LPDL)"},
    {"handover_share", &Rates::handover_share, 1, "successions in which old and new doctor share the list for a month"},
    {"renewed_agreement_share", &Rates::renewed_agreement_share, 1, "agreements registered as two periods that touch"},
    {"registered_late_share", &Rates::registered_late_share, 1,
     "periods registered up to 25 days after they took effect"},
    {"retroactive_end_share", &Rates::retroactive_end_share, 1,
     "ends of agreements registered one to four months late"},
    {"locum_not_in_hpr_per_mille", &Rates::locum_not_in_hpr_per_mille, 1e3,
     "substitutes under a number that HPR does not have"},
    {"gp_not_in_hpr_per_mille", &Rates::gp_not_in_hpr_per_mille, 1e3, "new GPs under a number that HPR does not have"},
    {"strange_percentage_per_mille", &Rates::strange_percentage_per_mille, 1e3,
     "substitutes with 0 or more than 100 per cent"},
    {"end_with_time_share", &Rates::end_with_time_share, 1,
     "lists and periods whose end is written with a time of day on the last day"},
    {"unknown_code_per_mille", &Rates::unknown_code_per_mille, 1e3,
     "lists with an unknown status code, substitutes with an unknown relationship"},
    {"bad_organisation_number_per_mille", &Rates::bad_organisation_number_per_mille, 1e3,
     "lists of an office with a bad organisation number"},
    {"list_without_cap_per_mille", &Rates::list_without_cap_per_mille, 1e3, "lists without MaxPatients"},
    {"list_without_count_per_mille", &Rates::list_without_count_per_mille, 1e3,
     "lists whose patients are never counted"},
    {"unknown_municipality_per_mille", &Rates::unknown_municipality_per_mille, 1e3,
     "lists with a municipality number that never existed, or none"},
    {"renumbered_late_share", &Rates::renumbered_late_share, 1, "lists renumbered weeks after a municipality reform"},
    {"never_renumbered_per_mille", &Rates::never_renumbered_per_mille, 1e3,
     "lists that keep the number of a municipality that has ended"},
    {"divided_undecided_share", &Rates::divided_undecided_share, 1,
     "lists that keep the number of a municipality that was divided"},
    {"backdated_contracts_per_month", &Rates::backdated_contracts_per_month, 1e5,
     "changes of lists whose UpdatedOn lies one to six months back"},
    {"corrected_counts_per_month", &Rates::corrected_counts_per_month, 1e5,
     "patient counts of earlier months sent again with another number"},
    {"withdrawn_counts_per_month", &Rates::withdrawn_counts_per_month, 1e5,
     "lists whose patient count is deleted until the next month's"},
    {"withdrawn_periods_per_month", &Rates::withdrawn_periods_per_month, 1e5,
     "substitutes registered in error and deleted"},
    {"returned_periods_per_month", &Rates::returned_periods_per_month, 1e5,
     "doctor periods deleted in error that come back"},
    {"withdrawn_contracts_per_month", &Rates::withdrawn_contracts_per_month, 1e5,
     "contracts registered twice and deleted"},
    {"returned_contracts_per_month", &Rates::returned_contracts_per_month, 1e5,
     "contracts deleted in error that come back"},
    {"periods_without_contract_per_month", &Rates::periods_without_contract_per_month, 1e5,
     "doctor periods on a contract that does not exist"},
    {"records_on_clock_change", &Rates::records_on_clock_change, 1e5,
     "persons sent in the night in which the clock is changed"},
};

}  // namespace

std::span<const RateInfo> AllRates() { return kRates; }

std::string SetRate(Rates& rates, std::string_view name, double value) {
  for (const RateInfo& rate : kRates) {
    if (rate.name != name) continue;
    if (!std::isfinite(value) || value < 0 || value > rate.most) {
      return std::string(name) + " must be 0 to " + std::to_string(static_cast<long long>(rate.most));
    }
    rates.*rate.value = value;
    return {};
  }
  return std::string(name) + " is not a rate; see flosync generate --rates";
}

Rates NoRates() {
  Rates rates;
  for (const RateInfo& rate : kRates) rates.*rate.value = 0;
  return rates;
}

}  // namespace flosync::synthetic
