#include "state/store/figure_codec.h"

namespace flosync {
namespace {

std::optional<IndicatorRow> RowOf(const store::v1::StoredUpdate& update, bool exists,
                                  const store::v1::StoredFigure& stored) {
  if (!exists) return std::nullopt;
  Figure figure = ReadFigure(stored);
  IndicatorRow row;
  row.definition = update.definition();
  row.level = static_cast<Level>(update.level());
  row.area_code = update.area_code();
  row.area_name = update.area_name();
  row.measure = update.measure();
  row.breakdown = update.breakdown();
  row.numerator = figure.numerator;
  row.denominator = figure.denominator;
  row.value = std::move(figure.value);
  row.unit = update.unit();
  row.flags = FlagsOf(row.denominator);
  return row;
}

}  // namespace

void WriteFigure(const Figure& figure, store::v1::StoredFigure* out) {
  if (figure.numerator) out->set_numerator(*figure.numerator);
  if (figure.denominator) out->set_denominator(*figure.denominator);
  out->set_value(figure.value);
}

Figure ReadFigure(const store::v1::StoredFigure& in) {
  Figure figure;
  if (in.has_numerator()) figure.numerator = in.numerator();
  if (in.has_denominator()) figure.denominator = in.denominator();
  figure.value = in.value();
  return figure;
}

void WriteRow(const IndicatorRow& row, store::v1::StoredRow* out) {
  out->set_definition(row.definition);
  out->set_level(static_cast<uint32_t>(row.level));
  out->set_area_code(row.area_code);
  out->set_area_name(row.area_name);
  out->set_measure(row.measure);
  out->set_breakdown(row.breakdown);
  if (row.numerator) out->set_numerator(*row.numerator);
  if (row.denominator) out->set_denominator(*row.denominator);
  out->set_value(row.value);
  out->set_unit(row.unit);
  out->set_flags(row.flags);
}

IndicatorRow ReadRow(const store::v1::StoredRow& in) {
  IndicatorRow row;
  row.definition = in.definition();
  row.level = static_cast<Level>(in.level());
  row.area_code = in.area_code();
  row.area_name = in.area_name();
  row.measure = in.measure();
  row.breakdown = in.breakdown();
  if (in.has_numerator()) row.numerator = in.numerator();
  if (in.has_denominator()) row.denominator = in.denominator();
  row.value = in.value();
  row.unit = in.unit();
  row.flags = in.flags();
  return row;
}

std::optional<IndicatorRow> RowBefore(const store::v1::StoredUpdate& in) {
  return RowOf(in, in.has_before(), in.before());
}
std::optional<IndicatorRow> RowAfter(const store::v1::StoredUpdate& in) {
  return RowOf(in, in.has_after(), in.after());
}

}  // namespace flosync
