// Everything of the domain occurs in the synthetic register, each thing at a rate of its own.
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "connectors/decode/decoder.h"
#include "connectors/file/record_line.h"
#include "connectors/synthetic/generator.h"
#include "daemon/synthetic_register.h"
#include "state/geography/geography.h"

namespace flosync {
namespace {

using synthetic::AllRates;
using synthetic::GeneratorOptions;
using synthetic::NoRates;
using synthetic::RateInfo;
using synthetic::Rates;

class Lines : public synthetic::RecordSink {
 public:
  void Write(std::string_view ndjson_line) override { lines.emplace_back(ndjson_line); }
  std::vector<std::string> lines;
};

// The real municipalities, a twentieth of the lists, nothing unusual but what `set` asks for.
std::vector<std::string> Register(Day from, Day to, const std::function<void(Rates&)>& set) {
  GeneratorOptions options;
  options.from = ToSysDays(from);
  options.to = ToSysDays(to);
  options.scale = 0.05;
  options.rates = NoRates();
  set(options.rates);
  Lines sink;
  EXPECT_EQ(Generate(options, MunicipalityEras(Geography::Shipped(), from, to), sink).error, "");
  return std::move(sink.lines);
}

struct Seen {
  std::map<std::string, int> outcomes;  // "MALFORMED_RECORD" and so on, by deviation
  std::vector<DecodedChange> changes;
  int unreadable = 0;
};

Seen Decoded(const std::vector<std::string>& lines) {
  RecordLineParser parser;
  Seen seen;
  for (const std::string& line : lines) {
    std::string padded = line;
    padded.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    const RawRecord record = parser.Parse(std::string_view(padded.data(), line.size())).record;
    if (!record.unreadable.empty()) {
      ++seen.unreadable;
      continue;
    }
    const DecodedRecord decoded = Decode(record, DecoderConfig{});
    for (const DeviationNote& note : decoded.notes) ++seen.outcomes[std::string(DeviationName(note.code))];
    for (const DecodedChange& change : decoded.changes) seen.changes.push_back(change);
  }
  return seen;
}

Seen SeenWith(const std::function<void(Rates&)>& set) {
  return Decoded(Register(Day(2021, 12, 1), Day(2022, 4, 1), set));
}

template <typename Kind>
int Count(const Seen& seen, const std::function<bool(const Kind&)>& is) {
  int count = 0;
  for (const DecodedChange& decoded : seen.changes) {
    const auto* change = std::get_if<Kind>(&decoded.change);
    if (change != nullptr && is(*change)) ++count;
  }
  return count;
}

int CountText(const std::vector<std::string>& lines, std::string_view text) {
  int count = 0;
  for (const std::string& line : lines) count += line.find(text) == std::string::npos ? 0 : 1;
  return count;
}

bool HasReaction(const Person& person) {
  if (!person.reactions.empty()) return true;
  for (const Approval& approval : person.approvals) {
    if (!approval.reactions.empty() || !approval.suspensions.empty()) return true;
    for (const Speciality& speciality : approval.specialities) {
      if (!speciality.reactions.empty() || !speciality.suspensions.empty()) return true;
    }
  }
  return false;
}

TEST(SyntheticRates, TheTableHoldsEveryRateOnceWithItsUnitInTheName) {
  EXPECT_EQ(AllRates().size() * sizeof(double), sizeof(Rates));
  std::set<std::string_view> names;
  for (const RateInfo& rate : AllRates()) {
    EXPECT_TRUE(names.insert(rate.name).second) << rate.name;
    EXPECT_FALSE(rate.meaning.empty());
    Rates rates;
    EXPECT_EQ(SetRate(rates, rate.name, rate.most), "");
    EXPECT_EQ(rates.*rate.value, rate.most);
    EXPECT_NE(SetRate(rates, rate.name, rate.most * 1.01), "") << rate.name;
    EXPECT_NE(SetRate(rates, rate.name, -1), "") << rate.name;
  }
  Rates rates;
  EXPECT_NE(SetRate(rates, "mergers", 1), "");
}

TEST(SyntheticRates, NothingUnusualHappensWithoutRates) {
  const Seen seen = SeenWith([](Rates&) {});
  EXPECT_TRUE(seen.outcomes.empty());
  EXPECT_EQ(Count<Merge>(seen, [](const Merge&) { return true; }), 0);
  EXPECT_EQ(Count<Deletion>(seen, [](const Deletion&) { return true; }), 0);
  EXPECT_EQ(Count<Person>(seen, [](const Person& p) { return !p.birth_year || HasReaction(p) || p.replaced_by != 0; }),
            0);
  EXPECT_EQ(Count<Contract>(seen, [](const Contract& c) { return !c.list_cap; }), 0);
}

TEST(SyntheticRates, R5_MergersChainsAndCyclesOccur) {
  const Seen seen = SeenWith([](Rates& rates) {
    rates.merges_per_month = 400;
    rates.event_merges_per_month = 60;
    rates.chained_merges_per_month = 200;
    rates.merge_cycles_per_month = 100;
  });
  std::map<int32_t, int32_t> aliases;
  int by_event = 0;
  for (const DecodedChange& decoded : seen.changes) {
    if (const auto* merge = std::get_if<Merge>(&decoded.change)) {
      aliases[merge->old_number] = merge->surviving_number;
      ++by_event;
    }
    const auto* person = std::get_if<Person>(&decoded.change);
    if (person != nullptr && person->replaced_by != 0) aliases[person->hpr_number] = person->replaced_by;
  }
  int chains = 0;
  int cycles = 0;
  for (const auto& [old_number, number] : aliases) {
    const auto next = aliases.find(number);
    if (next == aliases.end()) continue;
    ++(next->second == old_number || number == old_number ? cycles : chains);
  }
  EXPECT_GT(by_event, 50);
  EXPECT_GT(chains, 5);
  EXPECT_GT(cycles, 5);
}

TEST(SyntheticRates, R4_DeletedPersonsPeriodsContractsAndCountsComeBack) {
  const std::vector<std::string> lines = Register(Day(2021, 12, 1), Day(2022, 4, 1), [](Rates& rates) {
    rates.deletions_per_month = 100;
    rates.gp_deletions_per_month = 40;
    rates.person_returns_share = 1;
    rates.returned_periods_per_month = 80;
    rates.returned_contracts_per_month = 40;
    rates.withdrawn_counts_per_month = 40;
  });
  const Seen seen = Decoded(lines);
  std::map<EntityKind, int> deleted;
  std::map<EntityKind, int> returned;
  std::set<std::pair<EntityKind, int64_t>> absent;
  for (const DecodedChange& decoded : seen.changes) {
    const EntityId entity = EntityOf(decoded.change);
    if (std::holds_alternative<Deletion>(decoded.change)) {
      deleted[entity.kind] += absent.insert({entity.kind, entity.id}).second ? 1 : 0;
    } else if (absent.erase({entity.kind, entity.id}) > 0) {
      ++returned[entity.kind];
    }
  }
  for (const EntityKind kind :
       {EntityKind::kPerson, EntityKind::kDoctorPeriod, EntityKind::kContract, EntityKind::kPatientCount}) {
    EXPECT_GT(deleted[kind], 3) << static_cast<int>(kind);
    EXPECT_GT(returned[kind], deleted[kind] / 2) << static_cast<int>(kind);
  }
  EXPECT_GT(CountText(lines, "PersonDeleted"), 3);
}

TEST(SyntheticRates, R11_SuspensionsOccurAtEveryLevelAndEndedStatusesOfEveryKind) {
  const Seen seen = SeenWith([](Rates& rates) {
    rates.gp_suspensions_per_month = 400;
    rates.gp_ended_approvals_per_month = 100;
    rates.ended_approvals_per_month = 100;
    rates.uncounted_approval_per_mille = 20;
  });
  int person = 0, approval = 0, speciality = 0, suspended = 0, suspended_speciality = 0;
  std::set<std::string> statuses;
  std::set<std::string> types_with_speciality;
  for (const DecodedChange& decoded : seen.changes) {
    const auto* p = std::get_if<Person>(&decoded.change);
    if (p == nullptr) continue;
    person += static_cast<int>(p->reactions.size());
    for (const Approval& a : p->approvals) {
      approval += static_cast<int>(a.reactions.size());
      suspended += static_cast<int>(a.suspensions.size());
      statuses.insert(a.ended_status);
      if (!a.specialities.empty()) types_with_speciality.insert(a.type);
      for (const Speciality& s : a.specialities) {
        speciality += static_cast<int>(s.reactions.size());
        suspended_speciality += static_cast<int>(s.suspensions.size());
      }
    }
  }
  for (const int count : {person, approval, speciality, suspended, suspended_speciality}) EXPECT_GT(count, 0);
  for (const char* status : {"1", "2", "3", "99"}) EXPECT_TRUE(statuses.contains(status)) << status;
  for (const char* type : {"1", "3", "99"}) EXPECT_TRUE(types_with_speciality.contains(type)) << type;
}

TEST(SyntheticRates, R8_R13_UnknownBirthDatesSexesCodesAndNumbersOccur) {
  const std::vector<std::string> lines = Register(Day(2021, 12, 1), Day(2022, 4, 1), [](Rates& rates) {
    rates.birth_unknown_per_mille = 50;
    rates.sex_unknown_per_mille = 50;
    rates.bad_nin_per_mille = 50;
    rates.bad_organisation_number_per_mille = 100;
    rates.unknown_code_per_mille = 100;
    rates.unknown_municipality_per_mille = 200;
    rates.list_without_cap_per_mille = 100;
    rates.list_without_count_per_mille = 100;
    rates.soap_person_share = 0.3;
  });
  const Seen seen = Decoded(lines);
  EXPECT_GT(Count<Person>(seen, [](const Person& p) { return !p.birth_year; }), 10);
  EXPECT_GT(Count<Person>(seen, [](const Person& p) { return p.sex == Sex::kUnknown; }), 10);
  EXPECT_GT(seen.outcomes.at("INVALID_IDENTIFIER"), 100);
  EXPECT_EQ(seen.outcomes.size(), 1U) << "nothing is refused";
  EXPECT_GT(Count<Contract>(seen, [](const Contract& c) { return !c.list_cap; }), 5);
  EXPECT_GT(Count<Contract>(seen, [](const Contract& c) { return c.status != "FAAA"; }), 5);
  for (const char* number : {"2100", "9999", ""}) {
    EXPECT_GT(Count<Contract>(seen, [number](const Contract& c) { return c.municipality == number; }), 0) << number;
  }
  EXPECT_GT(Count<DoctorPeriod>(seen, [](const DoctorPeriod& p) { return p.relationship == "NOTHIN"; }), 0);
  std::set<int64_t> contracts, counted;
  for (const DecodedChange& decoded : seen.changes) {
    if (const auto* c = std::get_if<Contract>(&decoded.change)) contracts.insert(c->id);
    if (const auto* c = std::get_if<PatientCount>(&decoded.change)) counted.insert(c->contract_id);
  }
  EXPECT_GT(contracts.size(), counted.size() + 5);
  EXPECT_GT(CountText(lines, "<HPRNummer>"), 100);
}

TEST(SyntheticRates, R2_EndsWithATimeOfDayMeanTheSameDay) {
  const Day from(2021, 12, 1), to(2022, 2, 1);
  const Seen midnight = Decoded(Register(from, to, [](Rates&) {}));
  const std::vector<std::string> lines = Register(from, to, [](Rates& rates) { rates.end_with_time_share = 1; });
  EXPECT_GT(CountText(lines, "T23:59:59.997\"}"), 50);
  EXPECT_GT(CountText(lines, "T12:00:00\"}"), 50);
  std::map<int64_t, Period> periods;
  for (const DecodedChange& decoded : midnight.changes) {
    if (const auto* p = std::get_if<DoctorPeriod>(&decoded.change)) periods[p->id] = p->period;
  }
  EXPECT_GT(Count<DoctorPeriod>(Decoded(lines), [&](const DoctorPeriod& p) { return p.period.to != Day::Max(); }), 50);
}

TEST(SyntheticRates, R22_EveryReasonToRefuseARecordOccurs) {
  const std::vector<std::string> lines = Register(Day(2021, 12, 1), Day(2022, 4, 1), [](Rates& rates) {
    rates.malformed_per_million = 300'000;
    rates.personal_data_per_million = 20'000;
    rates.broken_line_per_million = 5'000;
    rates.conflicting_per_mille = 100;
    rates.shared_list_share = 0.2;
    rates.strange_percentage_per_mille = 100;
    rates.locum_not_in_hpr_per_mille = 100;
    rates.gp_not_in_hpr_per_mille = 100;
    rates.periods_without_contract_per_month = 100;
  });
  const Seen seen = Decoded(lines);
  for (const char* code : {"MALFORMED_RECORD", "UNKNOWN_FORMAT", "INVALID_IDENTIFIER", "INVALID_PERIOD",
                           "NEGATIVE_NUMBER", "PERSONAL_DATA_RECEIVED"}) {
    EXPECT_TRUE(seen.outcomes.contains(code)) << code;
  }
  EXPECT_GT(seen.unreadable, 10);
  std::map<std::pair<int64_t, WallTime>, std::set<std::string>> versions;
  std::set<int32_t> in_hpr;
  std::set<int64_t> contracts;
  int strange = 0, orphans = 0, strangers = 0, shared = 0, conflicts = 0;
  for (const DecodedChange& decoded : seen.changes) {
    if (const auto* p = std::get_if<Person>(&decoded.change)) in_hpr.insert(p->hpr_number);
    if (const auto* c = std::get_if<Contract>(&decoded.change)) contracts.insert(c->id);
  }
  std::map<std::pair<int64_t, WallTime>, DoctorPeriod> first;
  for (const DecodedChange& decoded : seen.changes) {
    const auto* p = std::get_if<DoctorPeriod>(&decoded.change);
    if (p == nullptr) continue;
    strange += p->percentage == 0 || p->percentage == 150 ? 1 : 0;
    orphans += contracts.contains(p->contract_id) ? 0 : 1;
    strangers += in_hpr.contains(p->hpr_number) ? 0 : 1;
    shared += p->relationship == "LPDL" ? 1 : 0;
    const auto [it, is_first] = first.emplace(std::pair{p->id, p->updated}, *p);
    conflicts += is_first || it->second == *p ? 0 : 1;
  }
  for (const int count : {strange, orphans, strangers, shared, conflicts}) EXPECT_GT(count, 3);
}

TEST(SyntheticRates, R14_SomeGpsHaveListsInTwoMunicipalities) {
  const Seen seen = SeenWith([](Rates& rates) { rates.second_list_elsewhere_share = 1; });
  std::map<int64_t, std::string> municipality;
  std::map<int32_t, std::set<std::string>> of_doctor;
  for (const DecodedChange& decoded : seen.changes) {
    if (const auto* c = std::get_if<Contract>(&decoded.change)) municipality[c->id] = c->municipality;
    const auto* p = std::get_if<DoctorPeriod>(&decoded.change);
    if (p != nullptr && p->relationship == "LPFL" && p->period.Contains(Day(2022, 3, 1))) {
      of_doctor[p->hpr_number].insert(municipality[p->contract_id]);
    }
  }
  int several = 0;
  for (const auto& [doctor, municipalities] : of_doctor) several += municipalities.size() > 1 ? 1 : 0;
  EXPECT_GE(several, 1);
}

TEST(SyntheticRates, R19_CorrectionsReachPastSnapshots) {
  const std::vector<std::string> lines = Register(Day(2021, 12, 1), Day(2022, 9, 1), [](Rates& rates) {
    rates.backdated_contracts_per_month = 100;
    rates.corrected_counts_per_month = 200;
    rates.retroactive_specialities_per_month = 50;
    rates.retroactive_end_share = 1;
    rates.registered_late_share = 0.3;
    rates.timestamp_back_per_mille = 5;
  });
  RecordLineParser parser;
  std::map<std::string, int> late;  // by topic: what the record tells lies a month or more before its timestamp
  Instant newest{};
  int back = 0;
  for (const std::string& line : lines) {
    std::string padded = line;
    padded.reserve(line.size() + simdjson::SIMDJSON_PADDING);
    const RawRecord record = parser.Parse(std::string_view(padded.data(), line.size())).record;
    back += record.timestamp.ms < newest.ms ? 1 : 0;
    newest.ms = std::max(newest.ms, record.timestamp.ms);
    const Day known = OsloDay(record.timestamp);
    if (known < Day(2021, 12, 1)) continue;  // the first load tells of old days anyway
    const auto is_late = [&](Day day) { return day < known.PlusMonths(-1); };
    for (const DecodedChange& decoded : Decode(record, DecoderConfig{}).changes) {
      if (const auto* c = std::get_if<Contract>(&decoded.change)) late["contract"] += is_late(c->updated.day());
      if (const auto* c = std::get_if<PatientCount>(&decoded.change)) late["count"] += is_late(c->counted.day());
      if (const auto* p = std::get_if<DoctorPeriod>(&decoded.change)) {
        late["end"] += p->relationship == "LPFL" && p->period.to != Day::Max() && is_late(p->period.to);
      }
    }
  }
  for (const char* kind : {"contract", "count", "end"}) EXPECT_GT(late[kind], 2) << kind;
  EXPECT_GT(back, 10);
}

TEST(SyntheticRates, R1_RecordsOccurInTheNightInWhichTheClockChanges) {
  const std::vector<std::string> lines =
      Register(Day(2022, 3, 1), Day(2022, 4, 1), [](Rates& rates) { rates.records_on_clock_change = 2'000; });
  int before = 0, after = 0;
  for (const std::string& line : lines) {
    before += line.find("\"sistOppdatert\":\"2022-03-27T01:") == std::string::npos ? 0 : 1;
    after += line.find("\"sistOppdatert\":\"2022-03-27T03:") == std::string::npos ? 0 : 1;
    EXPECT_EQ(line.find("\"sistOppdatert\":\"2022-03-27T02:"), std::string::npos) << "that hour does not exist";
  }
  EXPECT_GT(before, 10);
  EXPECT_GT(after, 10);
}

// The reforms of 2020 and 2024: lists move to the new numbers, some late, some never, and in the municipalities that
// were divided some stay undecided (R15, G2).
TEST(SyntheticRates, R15_ReformsRenumberListsAndLeaveSomeBehind) {
  struct Reform {
    int year;
    const char* ended;    // renumbered or merged
    const char* divided;  // several successors
  };
  for (const Reform& reform : {Reform{2020, "1201", "1850"}, Reform{2024, "3005", "1507"}}) {
    GeneratorOptions options;
    const Day from(reform.year - 1, 11, 1), to(reform.year, 3, 1);
    options.from = ToSysDays(from);
    options.to = ToSysDays(to);
    options.rates.divided_undecided_share = 0.5;
    options.rates.never_renumbered_per_mille = 100;
    Lines sink;
    EXPECT_EQ(Generate(options, MunicipalityEras(Geography::Shipped(), from, to), sink).error, "");
    std::map<int64_t, std::string> before, latest;
    for (const DecodedChange& decoded : Decoded(sink.lines).changes) {
      const auto* contract = std::get_if<Contract>(&decoded.change);
      if (contract == nullptr) continue;
      before.emplace(contract->id, contract->municipality);
      latest[contract->id] = contract->municipality;
    }
    for (const char* number : {reform.ended, reform.divided}) {
      int lists = 0, moved = 0;
      for (const auto& [id, municipality] : before) {
        if (municipality != number) continue;
        ++lists;
        moved += latest[id] != number ? 1 : 0;
      }
      EXPECT_GT(lists, 0) << number;
      if (number == std::string_view(reform.ended)) {
        EXPECT_GT(moved, lists / 2) << number;
        EXPECT_LT(moved, lists) << number;
      }
    }
  }
}

}  // namespace
}  // namespace flosync
