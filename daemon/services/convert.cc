#include "daemon/services/convert.h"

#include "domain/text.h"
#include "state/store/keys.h"

namespace flosync {
namespace {

void AddFlags(std::string_view joined, v1::IndicatorRow* out) {
  if (joined.empty()) {
    return;
  }
  for (const std::string_view flag : Split(joined, ';')) {
    out->add_flags(std::string(flag));
  }
}

}  // namespace

void Convert(Instant in, google::protobuf::Timestamp* out) {
  constexpr int64_t kMsPerSecond = 1000;
  constexpr int64_t kNanosPerMs = 1'000'000;
  int64_t ms = in.ms % kMsPerSecond;
  int64_t seconds = in.ms / kMsPerSecond;
  if (ms < 0) {
    ms += kMsPerSecond;
    --seconds;
  }
  out->set_seconds(seconds);
  out->set_nanos(static_cast<int32_t>(ms * kNanosPerMs));
}

std::optional<Instant> ReadInstant(const google::protobuf::Timestamp& in) {
  constexpr int64_t kLeastSeconds = -62'135'596'800;
  // 9999-12-31T23:59:59 in Oslo: its day has to have four digits for the year as well.
  constexpr int64_t kMostSeconds = 253'402'297'199;
  constexpr int32_t kNanosPerMs = 1'000'000;
  if (in.seconds() < kLeastSeconds || in.seconds() > kMostSeconds || in.nanos() < 0 || in.nanos() >= 1'000'000'000) {
    return std::nullopt;
  }
  const Instant instant{in.seconds() * 1000 + (in.nanos() + kNanosPerMs - 1) / kNanosPerMs};
  return instant.ms / 1000 > kMostSeconds ? std::nullopt : std::optional(instant);
}

v1::Level Convert(Level in) { return static_cast<v1::Level>(static_cast<int>(in) + 1); }

void Convert(const IndicatorRow& in, v1::IndicatorRow* out) {
  out->set_definition(in.definition);
  out->mutable_area()->set_level(Convert(in.level));
  out->mutable_area()->set_code(in.area_code);
  out->mutable_area()->set_name(in.area_name);
  out->set_measure(in.measure);
  out->set_breakdown(in.breakdown);
  if (in.numerator) {
    out->set_numerator(*in.numerator);
  }
  if (in.denominator) {
    out->set_denominator(*in.denominator);
  }
  out->set_value(in.value);
  out->set_unit(in.unit);
  AddFlags(in.flags, out);
}

void Convert(const Area& area, const FigurePlan::Entry& entry, const Figure& figure, v1::IndicatorRow* out) {
  out->set_definition(entry.definition->id);
  out->mutable_area()->set_level(Convert(area.level));
  out->mutable_area()->set_code(area.code);
  out->mutable_area()->set_name(area.name);
  const std::string_view measure = entry.measure->id();
  out->set_measure(measure.data(), measure.size());
  out->set_breakdown(entry.breakdown_name());
  if (figure.numerator) out->set_numerator(*figure.numerator);
  if (figure.denominator) out->set_denominator(*figure.denominator);
  out->set_value(figure.value);
  const std::string_view unit = UnitOf(entry.kind());
  out->set_unit(unit.data(), unit.size());
  AddFlags(FlagsOf(figure.denominator), out);
}

std::string KeyOf(const IndicatorRow& row) {
  return CellKey(static_cast<uint8_t>(row.level), row.area_code, row.measure, row.breakdown, row.definition);
}

void Convert(const Position& in, v1::RecordPosition* out) {
  out->set_topic(std::string(TopicName(in.topic)));
  out->set_partition(in.partition);
  out->set_offset(in.offset);
  Convert(in.known_from, out->mutable_known_from());
}

void Convert(const SnapshotHeader& in, v1::Snapshot* out) {
  out->set_reference_date(in.reference_date.ToString());
  out->set_edition(in.edition);
  out->set_content_hash(in.content_hash);
  out->set_row_count(in.row_count);
  Convert(in.known_at, out->mutable_known_at());
  Convert(in.reference_instant, out->mutable_reference_instant());
  for (const SourcePosition& position : in.positions) {
    v1::SourcePosition* added = out->add_positions();
    added->set_topic(position.topic);
    added->set_partition(position.partition);
    added->set_first_offset_not_included(position.first_offset_not_included);
  }
  for (const std::string& definition : in.definitions) {
    out->add_definitions(definition);
  }
  out->set_structure_date(in.structure_date.ToString());
  out->set_population_year(in.population_year);
  out->set_reference_tables_hash(in.reference_tables_hash);
  out->set_changed_rows(in.changed_rows);
  if (!in.withdrawal) return;
  Convert(in.withdrawal->at, out->mutable_withdrawal()->mutable_withdrawn_at());
  out->mutable_withdrawal()->set_by(in.withdrawal->by);
  out->mutable_withdrawal()->set_reason(in.withdrawal->reason);
}

void Convert(const Period& in, v1::DayPeriod* out) {
  out->set_from(DayOrOpen(in.from));
  out->set_to(DayOrOpen(in.to));
}

v1::Sex Convert(Sex in) {
  switch (in) {
    case Sex::kMale:
      return v1::SEX_MALE;
    case Sex::kFemale:
      return v1::SEX_FEMALE;
    case Sex::kUnknown:
      break;
  }
  return v1::SEX_UNSPECIFIED;
}

std::string DayOrOpen(Day d) { return d == Day::Min() || d == Day::Max() ? std::string() : d.ToString(); }

v1::AlertStatus StatusOf(const Alert& alert) {
  if (alert.resolved) return v1::ALERT_STATUS_RESOLVED;
  return alert.acknowledgement ? v1::ALERT_STATUS_ACKNOWLEDGED : v1::ALERT_STATUS_OPEN;
}

v1::AlertSeverity Convert(Severity severity) { return static_cast<v1::AlertSeverity>(severity); }

void Convert(const Alert& in, v1::Alert* out) {
  out->set_alert_id(in.id);
  out->set_kind(std::string(AlertKindName(in.kind)));
  out->set_severity(Convert(in.severity));
  out->set_status(StatusOf(in));
  out->set_subject(in.subject);
  const ConditionDetail& detail = in.detail;
  out->mutable_municipalities()->Add(detail.municipalities.begin(), detail.municipalities.end());
  out->mutable_contract_ids()->Add(detail.contracts.begin(), detail.contracts.end());
  out->mutable_hpr_numbers()->Add(detail.doctors.begin(), detail.doctors.end());
  if (detail.patients) out->set_patients(*detail.patients);
  if (detail.since) out->set_since(DayOrOpen(*detail.since));
  if (detail.covered) out->set_covered(*detail.covered);
  out->set_passed_days(detail.passed_days);
  out->set_detail(detail.text);
  Convert(in.opened, out->mutable_opened_at());
  Convert(in.changed, out->mutable_changed_at());
  if (in.resolved) Convert(*in.resolved, out->mutable_resolved_at());
  if (!in.acknowledgement) return;
  out->set_acknowledged_by(in.acknowledgement->who);
  out->set_acknowledgement_note(in.acknowledgement->note);
  Convert(in.acknowledgement->at, out->mutable_acknowledged_at());
}

}  // namespace flosync
