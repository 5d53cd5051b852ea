#include "state/indicators/cell_table.h"

#include <algorithm>
#include <array>
#include <utility>

namespace flosync {
namespace {

constexpr int32_t kUntouched = -1;

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

// Whether the part's definition counts a doctor once in an area, however many agreements there are (R14).
bool CountsDoctorsOnce(const FigurePlan::Part& part) { return part.definition->unit == CountUnit::kUniqueDoctor; }

void AddTo(MunicipalityFacts& sums, const ListFacts& list, int sign) {
  for (const GpFacts& gp : list.gps) {
    sums.agreements += sign;
    sums.specialist_agreements += gp.specialist ? sign : 0;
  }
  if (list.patients) {
    sums.patients += sign * int64_t{*list.patients};
    sums.lists_counted += sign;
  }
  if (list.staffed()) sums.free_places += sign * list.free_places();
}

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
  cause_of_.resize(cells_.size(), kUntouched);
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

void CellTable::Touch(int32_t index) {
  int32_t& cause = cause_of_[static_cast<size_t>(index)];
  if (cause != kUntouched) return;
  touched_.push_back(index);
  cause = 0;
}

void CellTable::Note(int32_t index, const Cell& added, std::optional<Ratio> observed) {
  ++cells_touched_;
  Touch(index);
  cause_of_[static_cast<size_t>(index)] = cause_;
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
  CountGps(list, placement, sign);
}

bool CellTable::Equalised(const ListFacts& list, const Placement& placement) const {
  return placement.municipality >= 0 && !list.fixed_salary &&
         EqualisationApplies(municipalities_.at(placement.municipality).facts);
}

void CellTable::CountGps(const ListFacts& list, const Placement& placement, int sign) {
  const bool equalised = Equalised(list, placement);
  for (const GpFacts& gp : list.gps) {
    counting_ = Contribution::Of::kDoctor;
    counting_id_ = gp.doctor;
    for (const int32_t area : AreasAround(placement)) {
      for (const FigurePlan::Part& part : plan_->parts()) {
        if (CountsDoctorsOnce(part)) continue;
        AreaCells cells(*this, area, part);
        part.measure->CountGp({&gp, gp.began, equalised}, *part.definition, sign, cells);
      }
    }
  }
}

void CellTable::CountDoctor(const DoctorInArea& doctor, int sign) {
  const auto found = doctors_.find(doctor);
  if (found == doctors_.end()) return;
  const Agreements& agreements = found->second;
  const CountedGp once{&agreements.gp, *agreements.began.rbegin(), agreements.equalised > 0};
  counting_ = Contribution::Of::kDoctor;
  counting_id_ = doctor.first;
  for (const FigurePlan::Part& part : plan_->parts()) {
    if (!CountsDoctorsOnce(part)) continue;
    AreaCells cells(*this, doctor.second, part);
    part.measure->CountGp(once, *part.definition, sign, cells);
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

void CellTable::Link(const ListFacts& list, const Placement& placement) {
  const bool equalised = Equalised(list, placement);
  for (const GpFacts& gp : list.gps) {
    for (const int32_t area : AreasAround(placement)) {
      Agreements& agreements = doctors_[{gp.doctor, area}];
      agreements.gp = gp;
      agreements.began.insert(gp.began);
      agreements.equalised += equalised ? 1 : 0;
    }
  }
  if (placement.municipality >= 0) municipalities_.at(placement.municipality).lists.insert(list.contract_id);
}

void CellTable::Unlink(const ListFacts& list, const Placement& placement) {
  const bool equalised = Equalised(list, placement);
  for (const GpFacts& gp : list.gps) {
    for (const int32_t area : AreasAround(placement)) {
      const auto found = doctors_.find({gp.doctor, area});
      Agreements& agreements = found->second;
      agreements.began.erase(agreements.began.find(gp.began));
      agreements.equalised -= equalised ? 1 : 0;
      if (agreements.began.empty()) doctors_.erase(found);
    }
  }
  if (placement.municipality >= 0) municipalities_.at(placement.municipality).lists.erase(list.contract_id);
}

CellTable::Concerned CellTable::ConcernedBy(const ListFacts* was, const Placement& before, const ListFacts* is,
                                            const Placement& after) {
  Concerned concerned;
  const auto add_doctors = [&concerned](const ListFacts& list, const Placement& placement) {
    for (const GpFacts& gp : list.gps) {
      for (const int32_t area : AreasAround(placement)) concerned.doctors.emplace(gp.doctor, area);
    }
  };
  const auto add = [&](const ListFacts* list, const Placement& placement, int sign) {
    if (!list) return;
    add_doctors(*list, placement);
    if (placement.municipality < 0) return;
    AddTo(concerned.sums.try_emplace(placement.municipality, MunicipalityAt(placement).facts).first->second, *list,
          sign);
  };
  add(was, before, -1);
  add(is, after, 1);
  for (const auto& [area, sums] : concerned.sums) {
    const Municipality& municipality = municipalities_.at(area);
    if (EqualisationApplies(municipality.facts) == EqualisationApplies(sums)) continue;
    for (const int64_t id : municipality.lists) {
      const ListFacts& neighbour = lists_.at(id);
      if (&neighbour == was) continue;
      concerned.neighbours.emplace_back(&neighbour, &municipality.placement);
      add_doctors(neighbour, municipality.placement);
    }
  }
  return concerned;
}

void CellTable::Fill(std::vector<ListFacts> lists) {
  // What a GP gives right to depends on all lists of the municipality (D10), so those come first.
  for (const ListFacts& list : lists) {
    const Placement placement = frame_->Place(list.municipality);
    if (placement.municipality >= 0) AddTo(MunicipalityAt(placement).facts, list, 1);
  }
  for (ListFacts& list : lists) {
    const Placement placement = frame_->Place(list.municipality);
    CountList(list, placement, 1);
    Link(list, placement);
    lists_.insert_or_assign(list.contract_id, std::move(list));
  }
  for (const auto& [area, municipality] : municipalities_) CountMunicipality(area, 1);
  // In whatever order: counting only adds up.
  for (const auto& [doctor, agreements] : doctors_) CountDoctor(doctor, 1);
}

void CellTable::SetList(int64_t contract_id, std::optional<ListFacts> facts, int32_t cause) {
  cause_ = cause;
  const auto known = lists_.find(contract_id);
  const ListFacts* was = known == lists_.end() ? nullptr : &known->second;
  if ((!was && !facts) || (was && facts && *was == *facts)) return;
  const Placement before = was ? frame_->Place(was->municipality) : Placement{};
  const Placement after = facts ? frame_->Place(facts->municipality) : Placement{};
  const Concerned concerned = ConcernedBy(was, before, facts ? &*facts : nullptr, after);
  for (const DoctorInArea& doctor : concerned.doctors) CountDoctor(doctor, -1);
  for (const auto& [area, sums] : concerned.sums) CountMunicipality(area, -1);
  for (const auto& [list, placement] : concerned.neighbours) {
    CountGps(*list, *placement, -1);
    Unlink(*list, *placement);
  }
  if (was) {
    CountList(*was, before, -1);
    Unlink(*was, before);
  }
  for (const auto& [area, sums] : concerned.sums) municipalities_.at(area).facts = sums;
  for (const auto& [list, placement] : concerned.neighbours) {
    Link(*list, *placement);
    CountGps(*list, *placement, 1);
  }
  if (facts) {
    CountList(*facts, after, 1);
    Link(*facts, after);
    lists_.insert_or_assign(contract_id, *std::move(facts));
  } else {
    lists_.erase(known);
  }
  for (const auto& [area, sums] : concerned.sums) CountMunicipality(area, 1);
  for (const DoctorInArea& doctor : concerned.doctors) CountDoctor(doctor, 1);
}

void CellTable::CountPair(int32_t doctor, const Placement& placement, bool at_start, bool at_end, int sign) {
  counting_ = Contribution::Of::kDoctor;
  counting_id_ = doctor;
  for (const int32_t area : AreasAround(placement)) {
    for (const FigurePlan::Part& part : plan_->parts()) {
      AreaCells cells(*this, area, part);
      part.measure->CountPair(at_start, at_end, sign, cells);
    }
  }
}

std::vector<CellTable::Touched> CellTable::TakeTouched() {
  std::sort(touched_.begin(), touched_.end());
  std::vector<Touched> touched;
  touched.reserve(touched_.size());
  for (const int32_t index : touched_) {
    touched.push_back({index, std::exchange(cause_of_[static_cast<size_t>(index)], kUntouched)});
  }
  touched_.clear();
  return touched;
}

}  // namespace flosync
