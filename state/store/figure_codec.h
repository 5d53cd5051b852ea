// Between figures and rows and the bytes of the store. Pure; any thread.
#pragma once

#include "state/indicators/indicator_row.h"

#include "flosync/store/v1/stored.pb.h"

namespace flosync {

void WriteFigure(const Figure& figure, store::v1::StoredFigure* out);
[[nodiscard]] Figure ReadFigure(const store::v1::StoredFigure& in);

void WriteRow(const IndicatorRow& row, store::v1::StoredRow* out);
[[nodiscard]] IndicatorRow ReadRow(const store::v1::StoredRow& in);

// The row of a feed entry before or after; nothing where the area did not or does not exist.
[[nodiscard]] std::optional<IndicatorRow> RowBefore(const store::v1::StoredUpdate& in);
[[nodiscard]] std::optional<IndicatorRow> RowAfter(const store::v1::StoredUpdate& in);

}  // namespace flosync
