#include "state/indicators/cell_table.h"

#include <algorithm>
#include <array>

namespace flosync {
namespace {

// The areas a list, doctor or municipality counts in, without those it has none of.
class AreasAround {
 public:
  explicit AreasAround(const Placement& placement, bool with_municipality = true) {
    areas_[count_++] = 0;
    for (const int32_t area : {placement.county, placement.group}) {
      if (area >= 0) areas_[count_++] = area;
    }
    if (with_municipality && placement.municipality >= 0) areas_[count_++] = placement.municipality;
  }
  [[nodiscard]] const int32_t* begin() const { return areas_.data(); }
  [[nodiscard]] const int32_t* end() const { return areas_.data() + count_; }

 private:
  std::array<int32_t, 4> areas_{};
  size_t count_ = 0;
};

}  // namespace

// One area's cells of one measure under one definition, as the measure sees them.
class CellTable::AreaCells : public MeasureCells {
 public:
  AreaCells(CellTable& table, int32_t area, const FigurePlan::Part& part)
      : table_(table), first_(area * table.per_area_), part_(part) {}
  void Add(int breakdown, int64_t numerator, int64_t denominator) override {
    if (const int32_t index = IndexOf(breakdown); index >= 0) table_.Add(index, numerator, denominator);
  }
  void Observe(int breakdown, Ratio value, int sign) override {
    if (const int32_t index = IndexOf(breakdown); index >= 0) table_.Observe(index, value, sign);
  }

 private:
  [[nodiscard]] int32_t IndexOf(int breakdown) const {
    const int32_t entry = part_.entries[static_cast<size_t>(breakdown)];
    return entry < 0 ? -1 : first_ + entry;
  }

  CellTable& table_;
  int32_t first_;
  const FigurePlan::Part& part_;
};

CellTable::CellTable(const AreaFrame* frame, const FigurePlan* plan)
    : frame_(frame), plan_(plan), per_area_(static_cast<int32_t>(plan->entries().size())) {
  cells_.resize(frame->areas().size() * plan->entries().size());
}

CellTable::~CellTable() = default;

const Area& CellTable::AreaOf(int32_t index) const { return frame_->areas()[static_cast<size_t>(index / per_area_)]; }

const FigurePlan::Entry& CellTable::EntryOf(int32_t index) const {
  return plan_->entries()[static_cast<size_t>(index % per_area_)];
}

bool CellTable::Exists(int32_t index) const {
  const FigurePlan::Entry& entry = EntryOf(index);
  return entry.measure->ExistsAt(AreaOf(index).level, entry.breakdown);
}

Figure CellTable::Show(int32_t index, Day d) const {
  const auto observed = observations_.find(index);
  return ShowFigure(EntryOf(index).kind(), at(index), observed == observations_.end() ? nullptr : &observed->second, d);
}

void CellTable::Note(int32_t index, const Cell& added, std::optional<Ratio> observed) {
  ++cells_touched_;
  touched_[index] = cause_;
  if (index == traced_) trace_->push_back({counting_, counting_id_, added, observed});
}

void CellTable::Add(int32_t index, int64_t numerator, int64_t denominator) {
  if (numerator == 0 && denominator == 0) return;
  Cell& cell = cells_[static_cast<size_t>(index)];
  cell.numerator += numerator;
  cell.denominator += denominator;
  Note(index, {numerator, denominator}, std::nullopt);
}

void CellTable::Observe(int32_t index, Ratio value, int sign) {
  if (sign > 0) {
    observations_[index].Add(value);
  } else {
    observations_[index].Remove(value);
  }
  Note(index, {0, sign}, value);
}

void CellTable::Trace(int32_t index, std::vector<Contribution>* out) {
  traced_ = out ? index : -1;
  trace_ = out;
}

void CellTable::CountList(const ListFacts& list, const Placement& placement, int sign) {
  counting_ = Contribution::Of::kList;
  counting_id_ = list.contract_id;
  for (const int32_t area : AreasAround(placement)) {
    for (const FigurePlan::Part& part : plan_->parts()) {
      AreaCells cells(*this, area, part);
      part.measure->CountList(list, sign, cells);
    }
  }
  for (const GpFacts& gp : list.gps) {
    counting_ = Contribution::Of::kDoctor;
    counting_id_ = gp.doctor;
    for (const int32_t area : AreasAround(placement)) {
      for (const FigurePlan::Part& part : plan_->parts()) {
        AreaCells cells(*this, area, part);
        part.measure->CountAgreement(gp, sign, cells);
      }
    }
  }
}

void CellTable::CountDoctor(int32_t number, int sign) {
  const auto doctor = doctors_.find(number);
  if (doctor == doctors_.end()) return;
  counting_ = Contribution::Of::kDoctor;
  counting_id_ = number;
  absl::btree_set<int32_t> areas;
  for (const Agreement& agreement : doctor->second.agreements) {
    for (const int32_t area : AreasAround(agreement.placement)) areas.insert(area);
  }
  for (const int32_t area : areas) CountGps(doctor->second, area, sign);
}

void CellTable::CountGps(const Doctor& doctor, int32_t area, int sign) {
  CountedGp once;
  std::vector<CountedGp> each;
  for (const Agreement& agreement : doctor.agreements) {
    const AreasAround around(agreement.placement);
    if (std::find(around.begin(), around.end(), area) == around.end()) continue;
    const int32_t municipality = agreement.placement.municipality;
    const bool equalisation =
        municipality >= 0 && !agreement.fixed_salary && EqualisationApplies(municipalities_.at(municipality).facts);
    each.push_back({&agreement.gp, agreement.gp.began, equalisation});
    once.began = once.gp ? std::max(once.began, agreement.gp.began) : agreement.gp.began;
    once.gp = &agreement.gp;
    once.equalisation = once.equalisation || equalisation;
  }
  for (const FigurePlan::Part& part : plan_->parts()) {
    AreaCells cells(*this, area, part);
    if (part.definition->unit == CountUnit::kUniqueDoctor) {
      part.measure->CountGp(once, *part.definition, sign, cells);
    } else {
      for (const CountedGp& gp : each) part.measure->CountGp(gp, *part.definition, sign, cells);
    }
  }
}

void CellTable::CountMunicipality(int32_t area, int sign) {
  const Municipality& municipality = municipalities_.at(area);
  counting_ = Contribution::Of::kMunicipality;
  counting_id_ = area;
  for (const int32_t around : AreasAround(municipality.placement, false)) {
    for (const FigurePlan::Part& part : plan_->parts()) {
      AreaCells cells(*this, around, part);
      part.measure->CountMunicipality(municipality.facts, sign, cells);
    }
  }
}

CellTable::Municipality& CellTable::MunicipalityAt(const Placement& placement) {
  const auto [it, fresh] = municipalities_.try_emplace(placement.municipality);
  if (fresh) {
    it->second.placement = placement;
    it->second.facts.population = placement.population;
  }
  return it->second;
}

void CellTable::AddToMunicipality(const ListFacts& list, const Placement& placement, int sign) {
  if (placement.municipality < 0) return;
  MunicipalityFacts& facts = MunicipalityAt(placement).facts;
  for (const GpFacts& gp : list.gps) {
    facts.agreements += sign;
    facts.specialist_agreements += gp.specialist ? sign : 0;
  }
  if (list.patients) {
    facts.patients += sign * int64_t{*list.patients};
    facts.lists_counted += sign;
  }
  if (list.staffed()) facts.free_places += sign * list.free_places();
}

void CellTable::Link(const ListFacts& list, const Placement& placement) {
  for (const GpFacts& gp : list.gps) {
    auto& agreements = doctors_[gp.doctor].agreements;
    const auto at = std::find_if(agreements.begin(), agreements.end(),
                                 [&](const Agreement& a) { return a.contract_id > list.contract_id; });
    agreements.insert(at, {list.contract_id, gp, placement, list.fixed_salary});
    if (placement.municipality >= 0) MunicipalityAt(placement).doctors.insert(gp.doctor);
  }
}

void CellTable::Unlink(const ListFacts& list, const Placement& placement) {
  for (const GpFacts& gp : list.gps) {
    const auto doctor = doctors_.find(gp.doctor);
    auto& agreements = doctor->second.agreements;
    std::erase_if(agreements, [&](const Agreement& a) { return a.contract_id == list.contract_id; });
    if (placement.municipality >= 0 && std::ranges::none_of(agreements, [&](const Agreement& a) {
          return a.placement.municipality == placement.municipality;
        })) {
      municipalities_.at(placement.municipality).doctors.erase(gp.doctor);
    }
    if (agreements.empty()) doctors_.erase(doctor);
  }
}

void CellTable::SetList(int64_t contract_id, std::optional<ListFacts> facts, int32_t cause) {
  cause_ = cause;
  const auto known = lists_.find(contract_id);
  const ListFacts* was = known == lists_.end() ? nullptr : &known->second;
  if ((!was && !facts) || (was && facts && *was == *facts)) return;
  const Placement before = was ? frame_->Place(was->municipality) : Placement{};
  const Placement after = facts ? frame_->Place(facts->municipality) : Placement{};
  absl::btree_set<int32_t> municipalities;
  for (const Placement* placement : {&before, &after}) {
    if (placement->municipality >= 0) {
      (void)MunicipalityAt(*placement);
      municipalities.insert(placement->municipality);
    }
  }
  absl::btree_set<int32_t> doctors;
  for (const ListFacts* list : {was, facts ? static_cast<const ListFacts*>(&*facts) : nullptr}) {
    for (size_t i = 0; list && i < list->gps.size(); ++i) doctors.insert(list->gps[i].doctor);
  }
  // Whether a municipality gives right to the equalisation grant concerns every GP in it.
  absl::btree_map<int32_t, MunicipalityFacts> sums;
  for (const int32_t area : municipalities) sums[area] = municipalities_.at(area).facts;
  if (was) AddToMunicipality(*was, before, -1);
  if (facts) AddToMunicipality(*facts, after, 1);
  for (auto& [area, old_sums] : sums) {
    Municipality& municipality = municipalities_.at(area);
    if (EqualisationApplies(old_sums) != EqualisationApplies(municipality.facts)) {
      doctors.insert(municipality.doctors.begin(), municipality.doctors.end());
    }
    std::swap(municipality.facts, old_sums);  // as they were, until everything is taken back
  }
  for (const int32_t number : doctors) CountDoctor(number, -1);
  for (const int32_t area : municipalities) CountMunicipality(area, -1);
  if (was) {
    CountList(*was, before, -1);
    Unlink(*was, before);
    lists_.erase(known);
  }
  for (const auto& [area, new_sums] : sums) municipalities_.at(area).facts = new_sums;
  if (facts) {
    CountList(*facts, after, 1);
    Link(*facts, after);
    lists_.emplace(contract_id, *std::move(facts));
  }
  for (const int32_t area : municipalities) CountMunicipality(area, 1);
  for (const int32_t number : doctors) CountDoctor(number, 1);
}

void CellTable::CountPair(int32_t doctor, const Placement& placement, bool at_start, bool at_end) {
  counting_ = Contribution::Of::kDoctor;
  counting_id_ = doctor;
  for (const int32_t area : AreasAround(placement)) {
    for (const FigurePlan::Part& part : plan_->parts()) {
      AreaCells cells(*this, area, part);
      part.measure->CountPair(at_start, at_end, cells);
    }
  }
}

std::vector<CellTable::Touched> CellTable::TakeTouched() {
  std::vector<Touched> touched;
  touched.reserve(touched_.size());
  for (const auto& [index, cause] : touched_) touched.push_back({index, cause});
  std::sort(touched.begin(), touched.end(), [](const Touched& a, const Touched& b) { return a.index < b.index; });
  touched_.clear();
  return touched;
}

}  // namespace flosync
