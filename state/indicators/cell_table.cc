#include "state/indicators/cell_table.h"

#include <algorithm>
#include <set>

namespace flosync {

// One area's cells of one measure, as the measure sees them.
class CellTable::AreaCells : public MeasureCells {
 public:
  AreaCells(CellTable& table, int32_t area, size_t measure)
      : table_(table), first_(area * table.cells_per_area_ + table.first_cell_of_measure_[measure]) {}
  void Add(int breakdown, int64_t numerator, int64_t denominator) override {
    table_.Add(first_ + breakdown, numerator, denominator);
  }

 private:
  CellTable& table_;
  int32_t first_;
};

CellTable::CellTable(const AreaFrame* frame) : frame_(frame) {
  for (const Measure* measure : Measures()) {
    first_cell_of_measure_.push_back(cells_per_area_);
    cells_per_area_ += static_cast<int32_t>(measure->breakdowns().size());
  }
  cells_.resize(frame->areas().size() * static_cast<size_t>(cells_per_area_));
}

CellAddress CellTable::AddressOf(int32_t index) const {
  const int32_t in_area = index % cells_per_area_;
  const auto next = std::upper_bound(first_cell_of_measure_.begin(), first_cell_of_measure_.end(), in_area);
  const auto measure = static_cast<size_t>(next - first_cell_of_measure_.begin() - 1);
  return {index / cells_per_area_, Measures()[measure], in_area - first_cell_of_measure_[measure]};
}

void CellTable::Add(int32_t index, int64_t numerator, int64_t denominator) {
  if (numerator == 0 && denominator == 0) return;
  ++cells_touched_;
  Cell& cell = cells_[static_cast<size_t>(index)];
  touched_.try_emplace(index, Touched{cell, 0}).first->second.cause = cause_;
  cell.numerator += numerator;
  cell.denominator += denominator;
}

std::vector<int32_t> CellTable::AreasOf(const ListFacts& list) const {
  const Placement placement = frame_->Place(list.municipality);
  std::vector<int32_t> areas = {0};
  for (const int32_t area : {placement.county, placement.group, placement.municipality}) {
    if (area >= 0) areas.push_back(area);
  }
  return areas;
}

void CellTable::CountList(const ListFacts& list, int sign) {
  for (const int32_t area : AreasOf(list)) {
    for (size_t m = 0; m < Measures().size(); ++m) {
      AreaCells cells(*this, area, m);
      Measures()[m]->CountList(list, sign, cells);
      for (const GpFacts& gp : list.gps) Measures()[m]->CountAgreement(list, gp, sign, cells);
    }
  }
}

void CellTable::CountDoctor(const Doctor& doctor, int sign) {
  std::set<int32_t> areas;
  for (const Agreement& agreement : doctor.agreements) areas.insert(agreement.areas.begin(), agreement.areas.end());
  for (const int32_t area : areas) {
    for (size_t m = 0; m < Measures().size(); ++m) {
      AreaCells cells(*this, area, m);
      Measures()[m]->CountDoctor(doctor.facts, sign, cells);
    }
  }
}

void CellTable::SetList(int64_t contract_id, std::optional<ListFacts> facts, int32_t cause) {
  cause_ = cause;
  const auto known = lists_.find(contract_id);
  if (known == lists_.end() && !facts) return;
  if (known != lists_.end() && facts && known->second == *facts) return;
  std::set<int32_t> concerned;
  if (known != lists_.end()) {
    for (const GpFacts& gp : known->second.gps) concerned.insert(gp.doctor);
  }
  if (facts) {
    for (const GpFacts& gp : facts->gps) concerned.insert(gp.doctor);
  }
  for (const int32_t number : concerned) CountDoctor(doctors_[number], -1);
  if (known != lists_.end()) {
    CountList(known->second, -1);
    for (const GpFacts& gp : known->second.gps) {
      std::erase_if(doctors_[gp.doctor].agreements, [&](const Agreement& a) { return a.contract_id == contract_id; });
    }
    lists_.erase(known);
  }
  if (facts) {
    CountList(*facts, 1);
    for (const GpFacts& gp : facts->gps) {
      Doctor& doctor = doctors_[gp.doctor];
      doctor.facts = gp;
      doctor.agreements.push_back({contract_id, AreasOf(*facts)});
    }
    lists_.emplace(contract_id, std::move(*facts));
  }
  for (const int32_t number : concerned) {
    const auto doctor = doctors_.find(number);
    CountDoctor(doctor->second, 1);
    if (doctor->second.agreements.empty()) doctors_.erase(doctor);
  }
}

void CellTable::ExpectChange(int32_t index, const Cell& told) { touched_[index] = {told, 0}; }

std::vector<CellChange> CellTable::TakeChanges() {
  std::vector<int32_t> indexes;
  for (const auto& [index, touched] : touched_) {
    if (!(at(index) == touched.before)) indexes.push_back(index);
  }
  std::sort(indexes.begin(), indexes.end());
  std::vector<CellChange> changes;
  changes.reserve(indexes.size());
  for (const int32_t index : indexes) {
    const Touched& touched = touched_[index];
    changes.push_back({AddressOf(index), touched.before, at(index), touched.cause});
  }
  touched_.clear();
  return changes;
}

}  // namespace flosync
