#include "state/audit/plain_figures.h"

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <utility>

#include "domain/text.h"
#include "state/audit/plain_area.h"
#include "state/audit/plain_show.h"

namespace flosync {
namespace {

constexpr Fraction kDaysOfYear{36525, 100};

// R13.
std::vector<std::string> AgesOf(const PlainPerson& person) {
  std::vector<std::string> ages = {"all"};
  if (!person.age) return ages;
  ages.emplace_back(*person.age < 40 ? "lt40" : *person.age <= 60 ? "40_60" : "gt60");
  if (*person.age >= 67) ages.emplace_back("ge67");
  return ages;
}

// D3.
std::vector<std::string> SexesOf(const PlainPerson& person) {
  std::vector<std::string> sexes = {"all"};
  if (person.sex == Sex::kMale) sexes.emplace_back("male");
  if (person.sex == Sex::kFemale) sexes.emplace_back("female");
  return sexes;
}

bool Staffed(const PlainList& list) { return list.staffed; }
bool Any(const PlainList& /*list*/) { return true; }

// The breakdowns of figures that are of all lists, or of staffed ones.
struct Breakdown {
  const char* name;
  bool (*holds)(const PlainList&);
};
constexpr std::array<Breakdown, 2> kAllAndStaffed = {{{"all", Any}, {"staffed", Staffed}}};

// D4: over-full lists subtract; a list without count or cap adds nothing.
int64_t FreePlaces(const PlainList& list) {
  return list.staffed && list.patients && list.list_cap ? int64_t{*list.list_cap} - int64_t{*list.patients} : 0;
}
int64_t PatientsOf(const PlainList& list) { return list.patients.value_or(0); }

template <typename Of>
int64_t Sum(const std::vector<const PlainList*>& lists, const Of& of) {
  int64_t sum = 0;
  for (const PlainList* list : lists) sum += of(*list);
  return sum;
}

// The figures of one area under one definition.
class AreaAnswer {
 public:
  using Answers = std::map<std::pair<std::string, std::string>, Figure>;

  AreaAnswer(const PlainArea& area, Level level, const Definition& definition, Day d)
      : area_(area), level_(level), definition_(definition), d_(d), gps_(GpsOf(area, definition.unit)) {}

  Answers Count() {
    CountSpecialists();
    CountGps();
    CountGrants();
    CountLists();
    CountPatients();
    CountLengths();
    CountPlaces();
    CountSalaries();
    CountDurations();
    CountMunicipalities();
    return std::move(answers_);
  }

 private:
  using ListIs = std::function<bool(const PlainList&)>;

  void Show(const std::string& measure, const std::string& breakdown, Figure figure) {
    answers_[{measure, breakdown}] = std::move(figure);
  }
  [[nodiscard]] int64_t ListsThat(const ListIs& hold) const {
    return std::ranges::count_if(area_.lists, [&](const PlainList* list) { return hold(*list); });
  }
  [[nodiscard]] int64_t GpsThat(const std::function<bool(const CountedOnce&)>& hold) const {
    return std::ranges::count_if(gps_, hold);
  }

  void CountSpecialists() {
    for (const std::string band : {"all", "lt40", "40_60", "gt60"}) {
      int64_t gps = 0;
      int64_t specialists = 0;
      for (const CountedOnce& counted : gps_) {
        const PlainPerson& person = counted.front().gp->person;
        const auto ages = AgesOf(person);
        if (std::ranges::find(ages, band) == ages.end()) continue;
        ++gps;
        if (person.specialist) ++specialists;
      }
      Show("gp_specialist_share", band, Share(specialists, gps, 100));
    }
  }

  void CountGps() {
    for (const std::string sex : {"all", "male", "female"}) {
      for (const std::string age : {"all", "lt40", "40_60", "gt60", "ge67"}) {
        const int64_t gps = GpsThat([&](const CountedOnce& counted) {
          const auto sexes = SexesOf(counted.front().gp->person);
          const auto ages = AgesOf(counted.front().gp->person);
          return std::ranges::find(sexes, sex) != sexes.end() && std::ranges::find(ages, age) != ages.end();
        });
        Show("gp_count", Join(sex, ".", age), Number(gps));
      }
    }
    Show("gps_per_10000_listed", "all", Share(static_cast<int64_t>(gps_.size()), Sum(area_.lists, PatientsOf), 10000));
    Show("gp_entered_not_specialist", "all", Number(GpsThat([&](const CountedOnce& counted) {
           const bool entered = std::ranges::any_of(
               counted, [&](const PlainAgreement& a) { return a.gp->began >= definition_.entered_since; });
           return entered && !counted.front().gp->person.specialist;
         })));
  }

  void CountGrants() {
    Show("grant_basic_supplement_lists", "all", Number(ListsThat([](const PlainList& list) {
           return !list.fixed_salary && list.staffed && list.young_agreement && list.patients && list.list_cap &&
                  *list.patients < 500 && *list.list_cap >= 500;
         })));
    Show("grant_equalisation_gps", "all", Number(GpsThat([](const CountedOnce& counted) {
           return std::ranges::any_of(counted,
                                      [](const PlainAgreement& a) { return !a.fixed_salary && a.small_municipality; });
         })));
  }

  void CountLists() {
    const int64_t all = ListsThat(Any);
    const int64_t staffed = ListsThat(Staffed);
    Show("list_count", "all", Number(all));
    Show("list_count", "staffed", Number(staffed));
    Show("list_count", "unstaffed", Number(all - staffed));
    Show("list_count", "unstaffed_over_1y",
         Number(ListsThat([](const PlainList& list) { return list.unstaffed_over_1y; })));
    Show("list_unstaffed_share", "all", Share(all - staffed, all, 100));
  }

  void CountPatients() {
    const int64_t all = Sum(area_.lists, PatientsOf);
    const int64_t unstaffed =
        Sum(area_.lists, [](const PlainList& list) { return list.staffed ? 0 : PatientsOf(list); });
    const int64_t over_1y =
        Sum(area_.lists, [](const PlainList& list) { return list.unstaffed_over_1y ? PatientsOf(list) : 0; });
    Show("persons_listed", "all", Number(all));
    Show("persons_listed", "on_unstaffed", Number(unstaffed));
    Show("persons_listed", "on_unstaffed_over_1y", Number(over_1y));
    Show("persons_without_gp_share", "all", Share(unstaffed, all, 100));
    Show("persons_without_gp_share", "over_1y", Share(over_1y, all, 100));
  }

  void CountLengths() {
    for (const Breakdown& breakdown : kAllAndStaffed) {
      int64_t sum = 0;
      std::vector<Fraction> lengths;
      for (const PlainList* list : area_.lists) {
        if (!list->patients || !breakdown.holds(*list)) continue;
        sum += *list->patients;
        lengths.push_back({*list->patients, 1});
      }
      Show("list_length_mean", breakdown.name, Share(sum, static_cast<int64_t>(lengths.size()), 1));
      Show("list_length_median", breakdown.name, Median(std::move(lengths)));
    }
  }

  void CountPlaces() {
    const auto places = [](const PlainList& list) { return int64_t{list.list_cap.value_or(0)}; };
    const auto staffed_places = [&](const PlainList& list) { return list.staffed ? places(list) : 0; };
    const int64_t staffed = Sum(area_.lists, staffed_places);
    const int64_t with_cap = ListsThat([](const PlainList& list) { return list.staffed && list.list_cap; });
    Show("list_places", "all", Number(Sum(area_.lists, places)));
    Show("list_places", "staffed", Number(staffed));
    Show("list_cap_mean", "staffed", Share(staffed, with_cap, 1));
    const int64_t free = Sum(area_.lists, FreePlaces);
    Show("list_free_places", "staffed", Number(free));
    Show("list_free_places_per_100", "staffed", Share(free, Sum(area_.lists, PatientsOf), 100));
    if (level_ != Level::kMunicipalityGroup) return;
    std::vector<Fraction> municipalities;  // D5
    for (const PlainMunicipality* municipality : area_.municipalities) {
      const int64_t patients = Sum(municipality->lists, PatientsOf);
      if (patients > 0) municipalities.push_back({100 * Sum(municipality->lists, FreePlaces), patients});
    }
    Show("list_free_places_per_100", "municipality_median", Median(std::move(municipalities)));
  }

  void CountSalaries() {
    for (const Breakdown& breakdown : kAllAndStaffed) {
      const int64_t fixed =
          ListsThat([&](const PlainList& list) { return breakdown.holds(list) && list.fixed_salary; });
      Show("contract_fixed_salary_share", breakdown.name, Share(fixed, ListsThat(breakdown.holds), 100));
    }
  }

  // Each (doctor, contract) by itself, whatever the unit.
  void CountDurations() {
    int64_t days = 0;
    std::vector<Fraction> durations;
    for (const PlainAgreement& agreement : area_.agreements) {
      const int64_t lasted = int64_t{d_.epoch_days()} - agreement.gp->began.epoch_days();
      days += lasted;
      durations.push_back({lasted, 1});
    }
    const auto pairs = static_cast<int64_t>(durations.size());
    Figure mean{days, pairs, ""};
    if (pairs > 0) mean.value = Rounded({days * kDaysOfYear.under, pairs * kDaysOfYear.over});
    Show("contract_duration_mean", "all", mean);
    Show("contract_duration_median", "all", Median(std::move(durations), kDaysOfYear));
  }

  // D8.
  void CountMunicipalities() {
    if (level_ == Level::kMunicipality) return;
    const int64_t all_specialists =
        std::ranges::count_if(area_.municipalities, [](const PlainMunicipality* municipality) {
          int64_t gps = 0;
          int64_t specialists = 0;
          for (const PlainList* list : municipality->lists) {
            for (const PlainGp& gp : list->gps) {
              ++gps;
              if (gp.person.specialist) ++specialists;
            }
          }
          return gps > 0 && gps == specialists;
        });
    Show("municipality_all_specialists", "all", Number(all_specialists));
  }

  const PlainArea& area_;
  const Level level_;
  const Definition& definition_;
  const Day d_;
  const std::vector<CountedOnce> gps_;
  Answers answers_;
};

// The breakdowns that are part of a definition.
std::set<std::pair<std::string, std::string>> SelectedBy(const Definition& definition) {
  std::set<std::pair<std::string, std::string>> selected;
  for (const Definition::Selection& selection : definition.measures) {
    for (const int32_t breakdown : selection.breakdowns) {
      selected.emplace(selection.measure->id(), selection.measure->breakdowns()[static_cast<size_t>(breakdown)]);
    }
  }
  return selected;
}

}  // namespace

std::string Describe(const FigureName& name) {
  return Join(name.area, " ", name.measure, " ", name.breakdown, " ", name.definition);
}

bool IsEmpty(const Figure& figure) { return figure.numerator.value_or(0) == 0 && figure.denominator.value_or(0) == 0; }

PlainFigures CountPlainly(const std::vector<PlainList>& lists, const AreaFrame& frame,
                          const std::vector<const Definition*>& definitions, Day d) {
  const PlainMap map(lists, frame);
  PlainFigures figures;
  for (const Definition* definition : definitions) {
    const auto selected = SelectedBy(*definition);
    for (size_t i = 0; i < map.areas().size(); ++i) {
      if (map.areas()[i].lists.empty()) continue;
      const Area& area = frame.areas()[i];
      for (auto& [name, figure] : AreaAnswer(map.areas()[i], area.level, *definition, d).Count()) {
        if (IsEmpty(figure) || !selected.contains(name)) continue;
        figures[{area.level, area.code, name.first, name.second, definition->id}] = std::move(figure);
      }
    }
  }
  return figures;
}

}  // namespace flosync
