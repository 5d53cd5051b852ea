// How often each thing happens in the synthetic register, by name, so that a person can set it.
//
// The names end in the unit: `_per_month` is what to expect in a month in the whole country (times the scale of a
// smaller one), `_per_mille` and `_per_million` are parts of the records, persons, lists or periods that the meaning
// names,
// `_share` is a part of the cases named, 0 to 1. The defaults are assumptions: no source publishes how often registers
// err. They are low enough that the published figures hold within the tolerances of tests/e2e/test_calibration.py.
// A value: copy freely, share between threads.
//
//   Rates rates;
//   SetRate(rates, "merge_cycles_per_month", 3);  // "" = done
//   SetRate(rates, "mergers", 3);                 // "mergers is not a rate; …"
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace flosync::synthetic {

struct Rates {
  // Records on their way (outbox.cc, publisher.cc).
  double duplicate_per_mille = 2;
  double late_per_mille = 3;
  double out_of_order_per_mille = 1;
  double malformed_per_million = 150;
  double corrected_per_mille = 2;
  double conflicting_per_mille = 0.5;
  double timestamp_back_per_mille = 0.2;
  double personal_data_per_million = 10;
  double broken_line_per_million = 0;

  // Persons in HPR (founding.cc, plan_register.cc, plan_rarities.cc).
  double soap_person_share = 0.05;
  double birth_unknown_per_mille = 0.4;
  double sex_unknown_per_mille = 0.4;
  double bad_nin_per_mille = 0.3;
  double uncounted_approval_per_mille = 2;
  double second_category_per_mille = 10;
  double merges_per_month = 5;
  double gp_merges_per_month = 0.5;
  double event_merges_per_month = 0.5;
  double chained_merges_per_month = 0.5;
  double merge_cycles_per_month = 0.2;
  double deletions_per_month = 3;
  double gp_deletions_per_month = 0.2;
  double person_returns_share = 0.3;
  double gp_deaths_per_month = 1;
  double gp_suspensions_per_month = 1.5;
  double gp_ended_approvals_per_month = 0.5;
  double substitute_suspensions_per_month = 0.5;
  double reactions_per_month = 6;
  double ended_approvals_per_month = 3;
  double retroactive_specialities_per_month = 2;
  double lapsed_renewal_share = 0.015;
  double trigger_event_per_mille = 20;

  // FLO: contracts, doctor periods, patient counts (plan_*.cc).
  double second_list_elsewhere_share = 0.1;
  double shared_list_share = 0.015;
  double handover_share = 0.02;
  double renewed_agreement_share = 0.03;
  double registered_late_share = 0.03;
  double retroactive_end_share = 0.03;
  double locum_not_in_hpr_per_mille = 2;
  double gp_not_in_hpr_per_mille = 0.2;
  double strange_percentage_per_mille = 3;
  double end_with_time_share = 0.1;
  double unknown_code_per_mille = 1;
  double bad_organisation_number_per_mille = 2;
  double list_without_cap_per_mille = 0.5;
  double list_without_count_per_mille = 0.5;
  double unknown_municipality_per_mille = 0.4;
  double renumbered_late_share = 0.03;
  double never_renumbered_per_mille = 2;
  double divided_undecided_share = 0.05;
  double backdated_contracts_per_month = 4;
  double corrected_counts_per_month = 10;
  double withdrawn_counts_per_month = 1;
  double withdrawn_periods_per_month = 3;
  double returned_periods_per_month = 0.5;
  double withdrawn_contracts_per_month = 0.5;
  double returned_contracts_per_month = 0.3;
  double periods_without_contract_per_month = 0.5;
  double records_on_clock_change = 30;
};

struct RateInfo {
  std::string_view name;
  double Rates::*value;
  double most;
  std::string_view meaning;  // one line
};

// All rates in the order of the struct.
[[nodiscard]] std::span<const RateInfo> AllRates();

// An error text, or empty when the rate is set. Rates are numbers from 0 to the rate's most.
[[nodiscard]] std::string SetRate(Rates& rates, std::string_view name, double value);

// Nothing unusual happens: every rate is 0.
[[nodiscard]] Rates NoRates();

}  // namespace flosync::synthetic
