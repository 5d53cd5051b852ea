#include "state/snapshots/public_export.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "domain/text.h"
#include "state/snapshots/deduction.h"
#include "state/snapshots/row_sums.h"

namespace flosync {
namespace {

constexpr int64_t kSmallestBase = 5;

// GPs and lists of an area: what a row's smallness is measured by.
struct Base {
  int64_t gps = 0;
  int64_t lists = 0;
};

bool OfLists(std::string_view measure) {
  return measure.starts_with("list_") || measure.starts_with("persons_") || measure.starts_with("locum_") ||
         measure == "contract_fixed_salary_share" || measure == "grant_basic_supplement_lists";
}

// Of those who were there a year before, today's totals say nothing.
bool LooksBack(std::string_view measure) { return measure == "gp_turnover"; }

bool Exempt(const IndicatorRow& row) {
  static const std::set<std::pair<std::string, std::string>> published = {
      {"gp_count", "all.all"}, {"list_count", "all"}, {"persons_listed", "all"}, {"gp_specialist_share", "all"}};
  return row.level == Level::kNation || published.contains({row.measure, row.breakdown});
}

std::map<AreaKey, Base> BasesOf(const std::vector<IndicatorRow>& rows) {
  std::map<AreaKey, Base> bases;
  for (const IndicatorRow& row : rows) {
    if (!row.definition.starts_with("gp-statistics/")) continue;
    Base& base = bases[{row.level, row.area_code}];
    if (row.measure == "gp_count" && row.breakdown == "all.all") base.gps = row.numerator.value_or(0);
    if (row.measure == "list_count" && row.breakdown == "all") base.lists = row.numerator.value_or(0);
  }
  return bases;
}

// The rows of one measure and breakdown in areas that add up to another.
std::vector<std::vector<size_t>> RowFamilies(const std::vector<IndicatorRow>& rows, const AreaFrame& frame) {
  std::map<std::tuple<std::string, std::string, std::string>, std::map<AreaKey, size_t>> columns;
  for (size_t i = 0; i < rows.size(); ++i) {
    columns[{rows[i].definition, rows[i].measure, rows[i].breakdown}][{rows[i].level, rows[i].area_code}] = i;
  }
  std::vector<std::vector<size_t>> out;
  const auto areas = FamiliesOf(frame);
  for (const auto& [name, column] : columns) {
    for (const auto& [parent, families] : areas) {
      for (const std::vector<AreaKey>& family : families) {
        out.emplace_back();
        for (const AreaKey& area : family) {
          if (const auto row = column.find(area); row != column.end()) out.back().push_back(row->second);
        }
      }
    }
  }
  return out;
}

void Blank(IndicatorRow& row) {
  row.numerator.reset();
  row.denominator.reset();
  row.value.clear();
  row.flags = "suppressed";  // small_base would tell of the denominator
}

// Which rows may not be shown: those of small areas, and of what is left as few as it takes to leave nothing of them to
// be worked out that the rows which are always shown do not tell.
class Suppression {
 public:
  Suppression(const std::vector<IndicatorRow>& rows, const AreaFrame& frame)
      : rows_(rows),
        bases_(BasesOf(rows)),
        sums_(rows, frame),
        families_(RowFamilies(rows, frame)),
        hidden_(rows.size()) {}

  std::vector<bool> Hidden() {
    for (size_t i = 0; i < rows_.size(); ++i) hidden_[i] = !Exempt(rows_[i]) && SizeOf(i) < kSmallestBase;
    while (HideSiblings()) {
    }
    for (int32_t number = 0; number < sums_.deduction().size(); ++number) {
      always_.push_back(AlwaysKnown(sums_.RowOf(number)));
    }
    for (bool again = true; again;) again = HideWhatTells(false) || HideWhatTells(true);
    return hidden_;
  }

 private:
  [[nodiscard]] int64_t SizeOf(size_t row) const {
    const Base& base = bases_.at({rows_[row].level, rows_[row].area_code});
    return OfLists(rows_[row].measure) ? base.lists : base.gps;
  }
  // Shown wherever it is, or nothing because the totals, which are, say that there is none.
  [[nodiscard]] bool AlwaysKnown(size_t row) const {
    return Exempt(rows_[row]) || (SizeOf(row) == 0 && !LooksBack(rows_[row].measure));
  }
  [[nodiscard]] bool CanBeHidden(int32_t number) const {
    const size_t row = sums_.RowOf(number);
    return !hidden_[row] && !AlwaysKnown(row);
  }

  // Where one row of a family is hidden alone, the next smallest goes with it. True if there was one.
  bool HideSiblings() {
    bool any = false;
    for (const std::vector<size_t>& family : families_) {
      std::vector<size_t> shown;
      int64_t hidden = 0;
      for (const size_t row : family) {
        if (hidden_[row]) {
          hidden += SizeOf(row) > 0 ? 1 : 0;  // that an area has none at all is published, so it hides nothing
        } else if (!Exempt(rows_[row])) {
          shown.push_back(row);
        }
      }
      if (hidden != 1 || shown.empty()) continue;
      hidden_[*std::ranges::min_element(shown, {}, [this](size_t row) { return std::pair(SizeOf(row), row); })] = true;
      any = true;
    }
    return any;
  }

  // Hides one more row for each hidden number that those shown tell. True if there was one.
  bool HideWhatTells(bool with_usual) {
    const Deduction& deduction = sums_.deduction();
    std::vector<bool> told = always_;
    for (int32_t number = 0; number < deduction.size(); ++number) {
      if (!hidden_[sums_.RowOf(number)]) told[static_cast<size_t>(number)] = true;
    }
    const std::vector<Deduction::Range> ranges = deduction.Ranges(told, with_usual);
    const std::vector<Deduction::Range> anyway = deduction.Ranges(always_, with_usual);
    std::set<size_t> further;
    std::optional<int32_t> left;
    for (int32_t number = 0; number < deduction.size(); ++number) {
      const auto i = static_cast<size_t>(number);
      if (!hidden_[sums_.RowOf(number)] || !ranges[i].single() || anyway[i].single()) continue;
      if (const auto row = FurtherRow(number, ranges)) {
        further.insert(*row);
      } else {
        left = number;
      }
    }
    if (further.empty() && left) {
      if (const auto nearest = NearestTo(*left)) further.insert(sums_.RowOf(*nearest));
    }
    for (const size_t row : further) hidden_[row] = true;
    return !further.empty();
  }

  // The smallest row of a sum that tells the number; nothing where the sum tells it by numbers that are told
  // themselves.
  [[nodiscard]] std::optional<size_t> FurtherRow(int32_t number, const std::vector<Deduction::Range>& ranges) const {
    const Deduction& deduction = sums_.deduction();
    const int64_t value = deduction.value(number);
    for (const bool upper : {true, false}) {
      for (const int32_t index : deduction.sums_of(number)) {
        const Deduction::Sum& sum = deduction.sum(index);
        const Deduction::Range implied = Deduction::Implied(sum, number, ranges);
        if ((upper ? implied.to : implied.from) != value) continue;
        if (const auto of_sum = SmallestOf(sum, number)) return sums_.RowOf(*of_sum);
      }
    }
    return std::nullopt;
  }

  // A sum of zeros tells each of them, whatever zero joins them.
  [[nodiscard]] std::optional<int32_t> SmallestOf(const Deduction::Sum& sum, int32_t number) const {
    const Deduction& deduction = sums_.deduction();
    std::optional<int32_t> smallest;
    const auto place = [&](int32_t part) { return std::pair(SizeOf(sums_.RowOf(part)), sums_.RowOf(part)); };
    for (const int32_t part : sum.parts) {
      if (part == number || !CanBeHidden(part)) continue;
      const bool helps = number == sum.whole
                             ? sum.exact || deduction.value(part) == deduction.value(number)
                             : sum.exact && (deduction.value(number) != 0 || deduction.value(part) != 0);
      if (helps && (!smallest || place(part) < place(*smallest))) smallest = part;
    }
    if (!smallest && number != sum.whole && CanBeHidden(sum.whole)) return sum.whole;
    return smallest;
  }

  // Of the numbers that can be hidden the one the fewest sums away.
  [[nodiscard]] std::optional<int32_t> NearestTo(int32_t number) const {
    const Deduction& deduction = sums_.deduction();
    std::vector<int32_t> way = {number};
    std::set<int32_t> seen(way.begin(), way.end());
    for (size_t next = 0; next < way.size(); ++next) {
      if (way[next] != number && CanBeHidden(way[next])) return way[next];
      for (const int32_t index : deduction.sums_of(way[next])) {
        std::vector<int32_t> members = deduction.sum(index).parts;
        members.push_back(deduction.sum(index).whole);
        for (const int32_t member : members) {
          if (seen.insert(member).second) way.push_back(member);
        }
      }
    }
    return std::nullopt;
  }

  const std::vector<IndicatorRow>& rows_;
  const std::map<AreaKey, Base> bases_;
  const RowSums sums_;
  const std::vector<std::vector<size_t>> families_;
  std::vector<bool> hidden_;  // by row
  std::vector<bool> always_;  // by number: the rows always shown tell it
};

}  // namespace

std::vector<IndicatorRow> ForPublic(std::vector<IndicatorRow> rows, const AreaFrame& frame) {
  const std::vector<bool> hidden = Suppression(rows, frame).Hidden();
  for (size_t i = 0; i < rows.size(); ++i) {
    if (hidden[i]) Blank(rows[i]);
  }
  return rows;
}

}  // namespace flosync
