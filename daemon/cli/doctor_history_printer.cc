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

std::string TimeText(const google::protobuf::Timestamp& time, HistoryLayout layout) {
  const Instant instant = ToInstant(time);
  return layout == HistoryLayout::kForPeople ? FormatOslo(instant) : FormatUtc(instant);
}

// "applied", "applied, shrunk", "duplicate, returned", "deletion", "merge", "applied, learnt 2024-03-10 12:00:00".
std::string WhatText(const v1::DoctorRecord& record, HistoryLayout layout) {
  std::string what = EffectText(record.effect());
  if (record.kind() == v1::RECORD_KIND_DELETION) what = "deletion";
  if (record.kind() == v1::RECORD_KIND_MERGE) what = "merge";
  if (record.kind() == v1::RECORD_KIND_STATE && record.returned()) what += ", returned";
  if (record.shrunk()) what += ", shrunk";
  return record.has_learnt_at() ? Join(what, ", learnt ", TimeText(record.learnt_at(), layout)) : what;
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
    std::vector<TextTable::Cell> shared = {{TimeText(position.known_from(), layout)},
                                           {Join(position.topic(), "/", position.partition(), "/", position.offset())},
                                           {AboutText(record)},
                                           {WhatText(record, layout)},
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
