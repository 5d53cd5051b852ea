#include "state/snapshots/counted_date.h"

#include <utility>

#include "domain/text.h"
#include "state/snapshots/evaluate.h"
#include "state/store/sha256.h"

namespace flosync {

CountedDate::CountedDate(Day d, AreaFrame frame, std::vector<const Definition*> definitions,
                         const Derivation& derivation)
    : d_(d),
      frame_(std::move(frame)),
      plan_(std::move(definitions), true),
      from_(Perspective::AtDate(d, derivation)),
      cells_(&frame_, &plan_),
      place_of_(static_cast<size_t>(cells_.size()), -1) {
  for (int32_t cell = 0; cell < cells_.size(); ++cell) {
    if (!cells_.Exists(cell)) continue;
    place_of_[static_cast<size_t>(cell)] = static_cast<int32_t>(cell_of_.size());
    cell_of_.push_back(cell);
    AppendCsvNames(MakeRow(cells_.AreaOf(cell), cells_.EntryOf(cell), {}), names_);
    names_end_.push_back(names_.size());
  }
  told_.resize(cell_of_.size());
}

void CountedDate::CountAll(const Register& reg) {
  pairs_ = FillCells(reg, from_, cells_);
  static_cast<void>(cells_.TakeTouched());
  for (size_t place = 0; place < told_.size(); ++place) told_[place] = cells_.Show(cell_of_[place], d_);
}

void CountedDate::CountList(const Register& reg, int64_t contract_id) {
  ListDescription list = DescribeList(reg, contract_id, from_);
  pairs_.Set(contract_id, list, cells_);
  cells_.SetList(contract_id, std::move(list.now));
}

absl::Status CountedDate::SetTold(const std::vector<IndicatorRow>& rows) {
  if (rows.size() != told_.size()) {
    return absl::DataLossError(Join("a snapshot of ", d_.ToString(), " has ", rows.size(), " rows and should have ",
                                    told_.size(), "; restore a backup, or rebuild the state from the sources"));
  }
  for (size_t place = 0; place < rows.size(); ++place) {
    told_[place] = {rows[place].numerator, rows[place].denominator, rows[place].value};
    cells_.Touch(cell_of_[place]);
  }
  return absl::OkStatus();
}

std::vector<Correction> CountedDate::TakeCorrections() {
  std::vector<Correction> corrections;
  for (const CellTable::Touched& touched : cells_.TakeTouched()) {
    const int32_t place = place_of_[static_cast<size_t>(touched.index)];
    if (place < 0) continue;
    Figure figure = cells_.Show(touched.index, d_);
    Figure& told = told_[static_cast<size_t>(place)];
    if (figure == told) continue;
    told = std::move(figure);
    corrections.push_back(
        {static_cast<size_t>(place), MakeRow(cells_.AreaOf(touched.index), cells_.EntryOf(touched.index), told)});
  }
  return corrections;
}

std::vector<IndicatorRow> CountedDate::Rows() const {
  std::vector<IndicatorRow> rows;
  rows.reserve(told_.size());
  for (size_t place = 0; place < told_.size(); ++place) {
    rows.push_back(MakeRow(cells_.AreaOf(cell_of_[place]), cells_.EntryOf(cell_of_[place]), told_[place]));
  }
  return rows;
}

std::string_view CountedDate::NamesOf(size_t place) const {
  const size_t begin = place == 0 ? 0 : names_end_[place - 1];
  return std::string_view(names_).substr(begin, names_end_[place] - begin);
}

std::string CountedDate::HashCsv(int32_t edition) const {
  constexpr size_t kHashedAtOnceBytes = size_t{64} << 10;
  const std::string begin = Join(d_.ToString(), ",", edition, ",");
  Sha256 sha;
  std::string text = Join(kExportHeader, "\n");
  for (size_t place = 0; place < told_.size(); ++place) {
    const Figure& figure = told_[place];
    text += begin;
    text += NamesOf(place);
    AppendCsvFigure(figure, UnitOf(cells_.EntryOf(cell_of_[place]).kind()), FlagsOf(figure.denominator), text);
    if (text.size() < kHashedAtOnceBytes) continue;
    sha.Add(text);
    text.clear();
  }
  sha.Add(text);
  return sha.Hex();
}

}  // namespace flosync
