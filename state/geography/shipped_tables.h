// The reference tables linked into the program (source and licence: tables/README.md).
#pragma once

#include "state/geography/reference_tables.h"

namespace flosync {

[[nodiscard]] ReferenceTables ShippedTables();

}  // namespace flosync
