#include "state/core/deviation_report.h"

#include <algorithm>
#include <tuple>

#include "domain/text.h"
#include "state/indicators/indicator_row.h"
#include "state/register/stored_register.h"

namespace flosync {
namespace {

bool AnyInForce(const Register& reg, const std::vector<int64_t>& period_ids, const Moment& at) {
  return std::ranges::any_of(period_ids, [&](int64_t id) {
    const DoctorPeriodState* state = reg.FindDoctorPeriod(id);
    const std::string& relationship = state->latest.relationship;
    return state->Holds() && (relationship == "LPFL" || relationship == "LPVI") && state->latest.period.Contains(at.d);
  });
}

bool DoctorInForce(const Register& reg, int32_t number, const Moment& at) {
  return std::ranges::any_of(reg.NumbersLeadingTo(reg.Surviving(number, at.t)),
                             [&](int32_t leading) { return AnyInForce(reg, reg.DoctorPeriodsOfNumber(leading), at); });
}

bool Touches(const EntityId& entity, const Register& reg, const Moment& at) {
  switch (entity.kind) {
    case EntityKind::kPerson:
      return DoctorInForce(reg, static_cast<int32_t>(entity.id), at);
    case EntityKind::kContract:
    case EntityKind::kPatientCount:
      return AnyInForce(reg, reg.DoctorPeriodsOf(entity.id), at);
    case EntityKind::kDoctorPeriod:
      break;
  }
  const DoctorPeriodState* state = reg.FindDoctorPeriod(entity.id);
  if (!state || !state->known) return false;
  return AnyInForce(reg, reg.DoctorPeriodsOf(state->latest.contract_id), at) ||
         DoctorInForce(reg, state->latest.hpr_number, at);
}

// Loads what Touches asks for.
absl::Status LoadTouched(const View& view, const EntityId& entity, Instant t, Register& reg) {
  if (entity.kind == EntityKind::kPerson) return LoadDoctor(view, static_cast<int32_t>(entity.id), t, reg);
  if (entity.kind != EntityKind::kDoctorPeriod) return LoadList(view, entity.id, reg);
  if (absl::Status loaded = LoadHead(view, entity, reg); !loaded.ok()) return loaded;
  const DoctorPeriodState* state = reg.FindDoctorPeriod(entity.id);
  if (!state || !state->known) return absl::OkStatus();
  const DoctorPeriod period = state->latest;
  if (absl::Status loaded = LoadList(view, period.contract_id, reg); !loaded.ok()) return loaded;
  return LoadDoctor(view, period.hpr_number, t, reg);
}

std::string TimeText(const std::optional<Instant>& t) { return t ? FormatUtc(*t) : std::string(); }

}  // namespace

DeviationPriority PriorityOf(const Deviation& deviation, const Register& reg, const Moment& at) {
  const auto entity = ParseEntity(deviation.entity);
  return entity && Touches(*entity, reg, at) ? DeviationPriority::kHigh : BasePriority(deviation.code);
}

absl::StatusOr<DeviationPriority> ReadPriority(const View& view, const Deviation& deviation, const Moment& at) {
  Register reg;
  const auto entity = ParseEntity(deviation.entity);
  if (entity && BasePriority(deviation.code) != DeviationPriority::kHigh) {
    if (absl::Status loaded = LoadTouched(view, *entity, at.t, reg); !loaded.ok()) return loaded;
  }
  return PriorityOf(deviation, reg, at);
}

std::string DescribeDeviation(const Deviation& d) {
  return Join(d.field, d.field.empty() ? "" : " ", d.detail, "; ", DeviationRemedy(d.code));
}

std::string DeviationsCsv(std::vector<Deviation> deviations, const Register& reg, const Moment& at) {
  std::ranges::sort(deviations, {}, [](const Deviation& d) { return std::pair(DeviationName(d.code), d.entity); });
  std::string out = "code,priority,entity,topic,partition,offset,first_seen,last_seen,count,status,detail\n";
  for (const Deviation& d : deviations) {
    const bool placed = d.first.has_value();
    const std::vector<std::string> fields = {std::string(DeviationName(d.code)),
                                             std::string(PriorityName(PriorityOf(d, reg, at))),
                                             d.entity,
                                             placed ? std::string(TopicName(d.first->topic)) : "",
                                             placed ? std::to_string(d.first->partition) : "",
                                             placed ? std::to_string(d.first->offset) : "",
                                             TimeText(d.first_seen),
                                             TimeText(d.last_seen),
                                             std::to_string(d.count),
                                             std::string(StatusName(d.status())),
                                             DescribeDeviation(d)};
    for (size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) out.push_back(',');
      AppendCsvField(fields[i], out);
    }
    out.push_back('\n');
  }
  return out;
}

}  // namespace flosync
