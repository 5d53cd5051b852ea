#include "state/snapshots/row_sums.h"

namespace flosync {
namespace {

constexpr auto kAlways = Deduction::Holds::kAlways;
constexpr auto kUsually = Deduction::Holds::kUsually;
constexpr auto kAtMost = Deduction::Holds::kAtMost;

// A number and parts of it in the same area. A stroke stands for the denominator.
struct NamedSum {
  std::string whole;
  std::vector<std::string> parts;
  // A single part that always holds is the same number under another name.
  Deduction::Holds holds = kAlways;
};

void AddGpSums(std::vector<NamedSum>& sums) {
  for (const std::string age : {"all", "lt40", "40_60", "gt60", "ge67"}) {
    sums.push_back({"gp_count all." + age, {"gp_count male." + age, "gp_count female." + age}, kUsually});
    if (age != "ge67") sums.push_back({"gp_specialist_share " + age + "/", {"gp_count all." + age}, kUsually});
  }
  for (const std::string sex : {"gp_count all.", "gp_count male.", "gp_count female."}) {
    sums.push_back({sex + "all", {sex + "lt40", sex + "40_60", sex + "gt60"}, kUsually});
    sums.push_back({sex + "gt60", {sex + "ge67"}, kAtMost});
  }
  for (const std::string of : {"", "/"}) {
    sums.push_back(
        {"gp_specialist_share all" + of,
         {"gp_specialist_share lt40" + of, "gp_specialist_share 40_60" + of, "gp_specialist_share gt60" + of},
         kUsually});
  }
  sums.push_back({"gp_specialist_share all/", {"contract_duration_mean all/"}, kAlways});
  sums.push_back({"contract_duration_mean all/", {"contract_duration_median all/"}, kAlways});
  sums.push_back({"gp_turnover all/", {"gp_turnover all", "gp_stable_share all"}, kAlways});
  sums.push_back({"gp_count all.all", {"gp_stable_share all/"}, kUsually});
  sums.push_back({"gp_count all.all", {"gp_entered_not_specialist all"}, kAtMost});
  sums.push_back({"gp_count all.all", {"grant_equalisation_gps all"}, kAtMost});
}

void AddListSums(std::vector<NamedSum>& sums) {
  const std::vector<NamedSum> named = {
      {"list_count all", {"list_count staffed", "list_count unstaffed"}, kAlways},
      {"list_count unstaffed", {"list_count unstaffed_over_1y"}, kAtMost},
      {"list_count unstaffed", {"list_unstaffed_share all"}, kAlways},
      {"persons_listed all", {"persons_listed on_unstaffed", "list_length_mean staffed"}, kAlways},
      {"persons_listed on_unstaffed", {"persons_listed on_unstaffed_over_1y"}, kAtMost},
      {"persons_listed on_unstaffed", {"persons_without_gp_share all"}, kAlways},
      {"persons_listed on_unstaffed_over_1y", {"persons_without_gp_share over_1y"}, kAlways},
      {"list_count all", {"list_length_mean all/"}, kUsually},
      {"list_count staffed", {"list_length_mean staffed/"}, kUsually},
      {"list_length_mean all/", {"list_length_mean staffed/"}, kAtMost},
      {"list_length_mean all/", {"list_length_median all/"}, kAlways},
      {"list_length_mean staffed/", {"list_length_median staffed/"}, kAlways},
      {"list_count staffed", {"list_cap_mean staffed/"}, kUsually},
      {"list_places all", {"list_places staffed"}, kAtMost},
      {"list_places staffed", {"list_cap_mean staffed"}, kAlways},
      {"list_free_places staffed", {"list_free_places_per_100 staffed"}, kAlways},
      {"list_count staffed", {"contract_fixed_salary_share staffed/"}, kAlways},
      {"contract_fixed_salary_share all", {"contract_fixed_salary_share staffed"}, kAtMost},
      {"list_count staffed", {"grant_basic_supplement_lists all"}, kAtMost},
  };
  sums.insert(sums.end(), named.begin(), named.end());
}

void AddLocumSums(std::vector<NamedSum>& sums) {
  for (const std::string state : {"staffed", "unstaffed"}) {
    const std::string share = "locum_list_share " + state + ".";
    sums.push_back({share + "any", {share + "1", share + "2", share + "ge3"}, kAlways});
    for (const char* substitutes : {"1", "2", "any", "ge3"}) {
      sums.push_back({"list_count " + state, {share + substitutes + "/"}, kAlways});
    }
    sums.push_back({"locum_days year." + state, {"locum_days quarter." + state}, kAtMost});
  }
}

const std::vector<NamedSum>& NamedSums() {
  static const std::vector<NamedSum> all = [] {
    std::vector<NamedSum> sums;
    AddGpSums(sums);
    AddListSums(sums);
    AddLocumSums(sums);
    return sums;
  }();
  return all;
}

// Free places are negative where lists are over-full.
bool MayBeNegative(const IndicatorRow& row) { return row.measure.starts_with("list_free_places"); }

}  // namespace

std::map<AreaKey, std::vector<std::vector<AreaKey>>> FamiliesOf(const AreaFrame& frame) {
  std::map<AreaKey, std::map<Level, std::vector<AreaKey>>> families;
  const auto key = [&frame](int32_t area) {
    const Area& found = frame.areas()[static_cast<size_t>(area)];
    return AreaKey(found.level, found.code);
  };
  for (const Area& area : frame.areas()) {
    const AreaKey child(area.level, area.code);
    if (area.level == Level::kCounty || area.level == Level::kMunicipalityGroup) {
      families[key(0)][area.level].push_back(child);
    } else if (area.level == Level::kMunicipality) {
      const Placement placement = frame.Place(area.code);
      for (const int32_t parent : {placement.county, placement.group}) {
        if (parent >= 0) families[key(parent)][area.level].push_back(child);
      }
    }
  }
  std::map<AreaKey, std::vector<std::vector<AreaKey>>> out;
  for (auto& [parent, by_level] : families) {
    for (auto& [level, family] : by_level) out[parent].push_back(std::move(family));
  }
  return out;
}

RowSums::RowSums(const std::vector<IndicatorRow>& rows, const AreaFrame& frame) {
  AddNumbers(rows);
  AddAreas(frame);
  AddBreakdowns(frame);
}

void RowSums::AddNumbers(const std::vector<IndicatorRow>& rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const IndicatorRow& row = rows[i];
    const std::string name = row.measure + " " + row.breakdown;
    const AreaKey area(row.level, row.area_code);
    std::optional<int32_t> numerator;
    if (row.numerator) {
      numerator = deduction_.Add(*row.numerator, MayBeNegative(row));
      row_of_.push_back(i);
      columns_[name][row.definition][area] = *numerator;
    }
    // Of days the denominator is no number of anything, but always 100.
    if (!row.denominator || row.unit == "days") continue;
    const int32_t denominator = deduction_.Add(*row.denominator);
    row_of_.push_back(i);
    columns_[name + "/"][row.definition][area] = denominator;
    if (numerator && row.unit == "percent") deduction_.AddSum(denominator, {*numerator}, kAtMost);
  }
}

void RowSums::AddAreas(const AreaFrame& frame) {
  const auto families = FamiliesOf(frame);
  for (const auto& [name, definitions] : columns_) {
    for (const auto& [definition, column] : definitions) {
      for (const auto& [parent, of_parent] : families) {
        const auto whole = column.find(parent);
        if (whole == column.end()) continue;
        for (const std::vector<AreaKey>& family : of_parent) {
          std::vector<int32_t> parts;
          for (const AreaKey& area : family) {
            if (const auto part = column.find(area); part != column.end()) parts.push_back(part->second);
          }
          deduction_.AddSum(whole->second, std::move(parts), kAlways);
        }
      }
    }
  }
}

void RowSums::AddBreakdowns(const AreaFrame& frame) {
  const auto find = [this](const std::string& name, const AreaKey& area) -> std::optional<int32_t> {
    const auto definitions = columns_.find(name);
    if (definitions == columns_.end()) return std::nullopt;
    const Column& column = definitions->second.begin()->second;
    const auto number = column.find(area);
    return number == column.end() ? std::nullopt : std::optional(number->second);
  };
  for (const Area& area : frame.areas()) {
    const AreaKey key(area.level, area.code);
    for (const NamedSum& sum : NamedSums()) {
      const auto whole = find(sum.whole, key);
      std::vector<int32_t> parts;
      for (const std::string& name : sum.parts) {
        if (const auto part = find(name, key)) parts.push_back(*part);
      }
      if (whole && parts.size() == sum.parts.size()) deduction_.AddSum(*whole, std::move(parts), sum.holds);
    }
  }
}

}  // namespace flosync
