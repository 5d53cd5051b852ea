#include "daemon/cli/doctor_history_printer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "domain/text.h"

namespace flosync {
namespace {

std::string EffectText(v1::RecordEffect effect) {
  switch (effect) {
    case v1::RECORD_EFFECT_APPLIED:
      return "applied";
    case v1::RECORD_EFFECT_DUPLICATE:
      return "duplicate";
    case v1::RECORD_EFFECT_CONFLICTING:
      return "conflicting";
    case v1::RECORD_EFFECT_OLDER:
      return "older";
    default:
      return "unknown";
  }
}

// "applied", "applied, shrunk", "duplicate, returned", "deletion", "merge".
std::string WhatText(const v1::DoctorRecord& record) {
  if (record.kind() == v1::RECORD_KIND_DELETION) return "deletion";
  if (record.kind() == v1::RECORD_KIND_MERGE) return "merge";
  return Join(EffectText(record.effect()), record.returned() ? ", returned" : "", record.shrunk() ? ", shrunk" : "");
}

std::string AboutText(const v1::DoctorRecord& record) {
  return record.subject_case() == v1::DoctorRecord::kHprNumber ? Join("person:", record.hpr_number())
                                                               : Join("doctor_period:", record.doctor_period_id());
}

}  // namespace

TextTable HistoryTable(const v1::GetDoctorHistoryResponse& answer, HistoryLayout layout) {
  TextTable table(
      {{"known_from"}, {"record"}, {"about"}, {"what"}, {"version"}, {"field"}, {"old_value"}, {"new_value"}});
  for (const auto& record : answer.records()) {
    const auto& position = record.position();
    const Instant known_from = ToInstant(position.known_from());
    std::vector<TextTable::Cell> shared = {
        {layout == HistoryLayout::kForPeople ? FormatOslo(known_from) : FormatUtc(known_from)},
        {Join(position.topic(), "/", position.partition(), "/", position.offset())},
        {AboutText(record)},
        {WhatText(record)},
        {record.version()}};
    const v1::FieldChange none;
    for (int i = 0; i < std::max(1, record.changes_size()); ++i) {
      const v1::FieldChange& change = record.changes_size() == 0 ? none : record.changes(i);
      std::vector<TextTable::Cell> cells = shared;
      cells.push_back({change.field()});
      cells.push_back({change.old_value(), Colour::kDim});
      cells.push_back({change.new_value()});
      table.AddRow(std::move(cells));
      if (layout == HistoryLayout::kForPeople) shared.assign(shared.size(), {});
    }
  }
  return table;
}

}  // namespace flosync
