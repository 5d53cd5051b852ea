#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "domain/text.h"
#include "state/snapshots/evaluate.h"
#include "state/snapshots/public_export.h"
#include "tests/support/core_harness.h"

// Somebody who knows how rows add up reads the public export of random countries and tries to work out what is blanked
// (R21). Shares nothing with the export but the rows.
namespace flosync {
namespace {

const Day kDay(2024, 3, 1);
constexpr uint32_t kCountries = 24;

// A country with municipalities of all sizes, most of them small.
SmallRegister RandomCountry(uint32_t seed) {
  std::mt19937 engine(seed);
  const auto one_of = [&engine](uint32_t n) { return engine() % n; };
  const uint32_t lists_at_most = 2 + one_of(12);
  const uint32_t odd_one_in = 2 + one_of(12);
  SmallRegister reg;
  int64_t next = 0;
  for (const auto& place : Geography::Shipped().MunicipalitiesAt(kDay, 2024)) {
    const uint32_t lists = one_of(4) == 0 ? 0 : one_of(lists_at_most);
    for (uint32_t i = 0; i < lists; ++i) {
      ++next;
      reg.Know(But(AList(next, place.number), [&](Contract& c) {
        c.fixed_salary = one_of(odd_one_in) == 0;
        if (one_of(odd_one_in) == 0) c.list_cap.reset();
      }));
      if (one_of(odd_one_in) != 0) reg.Know(Patients(next, static_cast<int32_t>(300 + one_of(1200))));
      const auto doctor = static_cast<int32_t>(next > 1 && one_of(30) == 0 ? next - 1 : next);
      reg.Know(But(one_of(3) != 0 ? ASpecialist(doctor) : ADoctor(doctor), [&](Person& p) {
        p.birth_year = static_cast<int16_t>(one_of(6) == 0 ? 1950 + one_of(14) : 1964 + one_of(30));
        p.sex = one_of(40) == 0 ? Sex::kUnknown : one_of(2) == 0 ? Sex::kFemale : Sex::kMale;
      }));
      const Day from(2015 + static_cast<int>(one_of(9)), 2, 1);
      const Period period{from, one_of(odd_one_in) == 0 ? from.PlusMonths(12) : Day::Max()};
      reg.Know(ARegularGp(next, next, doctor, period));
      if (one_of(odd_one_in) != 0) continue;
      reg.Know(ASubstitute(1'000'000 + next, next, 900'000 + doctor, {kDay.PlusMonths(-4), kDay.PlusMonths(-1)}));
    }
  }
  return reg;
}

// "1853 list_count staffed n": a number of a row.
using Number = std::string;
std::string NameOf(const IndicatorRow& row) { return CellName(row.area_code, row.measure, row.breakdown); }

// What somebody can work out: numbers by name, and sums that are to be zero.
class Reader {
 public:
  // The rows as they are, to know which sums hold; the reader is not told a number of them.
  Reader(const std::vector<IndicatorRow>& all, const AreaFrame& frame) {
    for (const IndicatorRow& row : all) {
      if (row.numerator) truth_[NameOf(row) + " n"] = *row.numerator;
      if (row.denominator && row.unit != "days") truth_[NameOf(row) + " d"] = *row.denominator;
      // Of a share, those that are not in it; nobody is told.
      if (row.unit == "percent") truth_[NameOf(row) + " rest"] = *row.denominator - *row.numerator;
      columns_.insert(row.measure + " " + row.breakdown + " n");
      columns_.insert(row.measure + " " + row.breakdown + " d");
    }
    for (const auto& [number, value] : truth_) places_.emplace(number, places_.size());
    for (const IndicatorRow& row : all) Add({NameOf(row) + " d", NameOf(row) + " n", NameOf(row) + " rest"});
    Areas(frame);
    for (const Area& area : frame.areas()) Breakdowns(area.code + " ");
  }

  // The numbers that somebody who is told some of them knows; `cautious`: who does not trust in what may be by chance.
  [[nodiscard]] std::set<Number> Known(const std::set<Number>& told, bool cautious) const {
    std::vector<Bounds> bounds;
    for (const auto& [number, value] : truth_) {
      const bool negative = number.find("list_free_places") != Number::npos;
      bounds.push_back(told.contains(number) ? Bounds{value, value} : Bounds{negative ? -kEndless : 0, kEndless});
    }
    bool narrowed = true;
    for (int pass = 0; narrowed && pass < 100; ++pass) {
      narrowed = false;
      for (const Sum& sum : sums_) narrowed = Narrow(sum, bounds) || narrowed;
      for (const Sum& sum : sums_by_chance_) narrowed = (!cautious && Narrow(sum, bounds)) || narrowed;
    }
    std::set<Number> known;
    size_t i = 0;
    for (const auto& [number, value] : truth_) {
      if (bounds[i].low == bounds[i].high) known.insert(number);
      ++i;
    }
    return known;
  }

 private:
  static constexpr int64_t kEndless = int64_t{1} << 50;
  struct Bounds {
    int64_t low = 0;
    int64_t high = 0;
  };
  // The first is the sum of the others; by their places in `truth_`.
  using Sum = std::vector<size_t>;

  void Add(const std::vector<Number>& names, bool by_chance = false) {
    Sum sum;
    int64_t rest = 0;
    for (const Number& name : names) {
      const auto value = truth_.find(name);
      if (value == truth_.end()) return;
      rest += sum.empty() ? value->second : -value->second;
      sum.push_back(places_.at(name));
    }
    if (rest == 0 && sum.size() > 1) (by_chance ? sums_by_chance_ : sums_).push_back(sum);
  }

  void Areas(const AreaFrame& frame) {
    std::map<std::string, std::vector<std::string>> within;
    for (const Area& area : frame.areas()) {
      if (area.level == Level::kCounty) within["NO"].push_back(area.code);
      if (area.level == Level::kMunicipalityGroup) within["NO by group"].push_back(area.code);
      if (area.level != Level::kMunicipality) continue;
      const Placement placement = frame.Place(area.code);
      for (const int32_t parent : {placement.county, placement.group}) {
        if (parent >= 0) within[frame.areas()[static_cast<size_t>(parent)].code].push_back(area.code);
      }
    }
    for (const std::string& column : columns_) {
      for (const auto& [parent, areas] : within) {
        std::vector<Number> sum = {parent.substr(0, parent.find(' ')) + " " + column};
        for (const std::string& area : areas) sum.push_back(area + " " + column);
        Add(sum);
      }
    }
  }

  void Breakdowns(const std::string& area) {
    const auto add = [&](const std::string& measure, std::vector<std::string> names, const char* of) {
      for (std::string& name : names) name = Join(area, measure, " ", name, " ", of);
      Add(names, measure.starts_with("gp_"));
    };
    for (const char* age : {"all", "lt40", "40_60", "gt60", "ge67"}) {
      add("gp_count", {std::string("all.") + age, std::string("male.") + age, std::string("female.") + age}, "n");
    }
    for (const std::string sex : {"all.", "male.", "female."}) {
      add("gp_count", {sex + "all", sex + "lt40", sex + "40_60", sex + "gt60"}, "n");
    }
    for (const char* of : {"n", "d"}) add("gp_specialist_share", {"all", "lt40", "40_60", "gt60"}, of);
    add("list_count", {"all", "staffed", "unstaffed"}, "n");
    for (const std::string state : {"staffed", "unstaffed"}) {
      add("locum_list_share", {state + ".any", state + ".1", state + ".2", state + ".ge3"}, "n");
      Add({area + "list_count " + state + " n", area + "locum_list_share " + state + ".any d"});
    }
    Add({area + "list_count unstaffed n", area + "list_unstaffed_share all n"});
    Add({area + "persons_listed on_unstaffed n", area + "persons_without_gp_share all n"});
    Add({area + "persons_listed all n", area + "persons_listed on_unstaffed n", area + "list_length_mean staffed n"});
    Add({area + "list_length_mean staffed d", area + "list_length_median staffed d"});
    Add({area + "list_places staffed n", area + "list_cap_mean staffed n"});
    Add({area + "list_count staffed n", area + "contract_fixed_salary_share staffed d"});
    Add({area + "gp_turnover all d", area + "gp_turnover all n", area + "gp_stable_share all n"});
    // In a municipality a doctor there at the end is one pair; elsewhere only if there in no other one.
    const bool municipality = area.size() == std::string("0301 ").size();
    Add({area + "gp_count all.all n", area + "gp_stable_share all d"}, !municipality);
    for (const std::string age : {"lt40", "40_60", "gt60"}) {
      Add({area + "gp_count all." + age + " n", area + "gp_specialist_share " + age + " d"}, true);
    }
  }

  // Each number is what the others leave of it.
  static bool Narrow(const Sum& sum, std::vector<Bounds>& bounds) {
    bool narrowed = false;
    for (size_t i = 0; i < sum.size(); ++i) {
      Bounds rest;
      for (size_t j = 0; j < sum.size(); ++j) {
        if (j == i) continue;
        const Bounds& other = bounds[sum[j]];
        // Of the whole the parts are added up; of a part the whole less the other parts.
        const bool add = i == 0 || j == 0;
        rest.low += add ? other.low : -other.high;
        rest.high += add ? other.high : -other.low;
      }
      Bounds& own = bounds[sum[i]];
      narrowed = narrowed || rest.low > own.low || rest.high < own.high;
      own = {std::max(own.low, rest.low), std::min(own.high, rest.high)};
    }
    return narrowed;
  }

  std::map<Number, int64_t> truth_;
  std::map<Number, size_t> places_;
  std::set<std::string> columns_;
  std::vector<Sum> sums_;
  std::vector<Sum> sums_by_chance_;  // nobody's birth year or sex is unknown, nobody has two lists
};

// The rows that R21 always shows, and those of areas where these say that there is nothing to count.
bool AlwaysTold(const IndicatorRow& row, const std::set<std::string>& without_gps,
                const std::set<std::string>& without_lists) {
  if (row.level == Level::kNation) return true;
  const std::string name = row.measure + " " + row.breakdown;
  if (name == "gp_count all.all" || name == "list_count all" || name == "persons_listed all" ||
      name == "gp_specialist_share all") {
    return true;
  }
  const bool of_gps = row.measure.starts_with("gp_count") || row.measure.starts_with("gp_specialist") ||
                      row.measure.starts_with("gp_entered") || row.measure.starts_with("contract_duration") ||
                      row.measure.starts_with("grant_eq") || row.measure.starts_with("municipality_") ||
                      row.measure.starts_with("gps_per") || row.measure == "gp_stable_share";
  if (row.measure == "gp_turnover") return false;
  return (of_gps ? without_gps : without_lists).contains(row.area_code);
}

class PublicExportOf : public testing::TestWithParam<uint32_t> {};

TEST_P(PublicExportOf, LeavesNothingBlankedToBeWorkedOut) {
  const SmallRegister country = RandomCountry(GetParam());
  const AreaFrame frame = Geography::Shipped().Frame(kDay, 2024).value();
  const FigurePlan plan(Definitions::Shipped().published(), true);
  CellTable cells(&frame, &plan);
  FillCells(country.reg(), Perspective::AtDate(kDay, Derivation()), cells);
  const std::vector<IndicatorRow> all = RowsOf(cells, kDay);
  const std::vector<IndicatorRow> shown = ForPublic(all, frame);
  std::set<std::string> without_gps;
  std::set<std::string> without_lists;
  for (const IndicatorRow& row : all) {
    if (row.measure == "gp_count" && row.breakdown == "all.all" && row.numerator == 0)
      without_gps.insert(row.area_code);
    if (row.measure == "list_count" && row.breakdown == "all" && row.numerator == 0)
      without_lists.insert(row.area_code);
  }
  std::set<Number> always;
  std::set<Number> told;
  std::set<Number> blanked;
  for (size_t i = 0; i < all.size(); ++i) {
    const bool suppressed = shown[i].flags == "suppressed";
    ASSERT_EQ(suppressed, shown[i] != all[i]) << NameOf(all[i]);
    const bool known = AlwaysTold(all[i], without_gps, without_lists);
    for (const char* number : {" n", " d"}) {
      if (known) always.insert(NameOf(all[i]) + number);
      (known || !suppressed ? told : blanked).insert(NameOf(all[i]) + number);
    }
  }
  const Reader reader(all, frame);
  for (const bool cautious : {true, false}) {
    const std::set<Number> anyway = reader.Known(always, cautious);
    int leaks = 0;
    for (const Number& number : reader.Known(told, cautious)) {
      if (!blanked.contains(number) || anyway.contains(number)) continue;
      if (++leaks <= 10) ADD_FAILURE() << number << " is blanked and can be worked out";
    }
    EXPECT_EQ(leaks, 0);
  }
  RecordProperty("blanked", static_cast<int>(blanked.size()));
}

INSTANTIATE_TEST_SUITE_P(R21, PublicExportOf, testing::Range(1U, kCountries + 1));

}  // namespace
}  // namespace flosync
