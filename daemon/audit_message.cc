#include "daemon/audit_message.h"

#include "daemon/services/convert.h"

namespace flosync {
namespace {

void Describe(const Figure& in, v1::AuditedFigure* out) {
  if (in.numerator) out->set_numerator(*in.numerator);
  if (in.denominator) out->set_denominator(*in.denominator);
  out->set_value(in.value);
}

}  // namespace

void Describe(const AuditReport& report, v1::AuditStateResponse& out) {
  out.set_revision(report.revision);
  Convert(report.instant, out.mutable_instant());
  out.set_reference_date(report.reference_day.ToString());
  out.set_figures_compared(report.figures_compared);
  out.set_states_compared(report.heads_compared);
  out.set_difference_count(report.difference_count);
  for (const FigureDifference& difference : report.figures) {
    v1::FigureDifference* added = out.add_figures();
    added->set_level(Convert(difference.name.level));
    added->set_area_code(difference.name.area);
    added->set_measure(difference.name.measure);
    added->set_breakdown(difference.name.breakdown);
    added->set_definition(difference.name.definition);
    if (difference.stored) Describe(*difference.stored, added->mutable_stored());
    if (difference.recomputed) Describe(*difference.recomputed, added->mutable_recomputed());
  }
  for (const HeadDifference& difference : report.heads) {
    v1::StateDifference* added = out.add_states();
    added->set_entity(FormatEntity(difference.entity));
    added->set_what(difference.what);
  }
}

}  // namespace flosync
