// How far back a change of an entity can be seen in figures (R7, B4). Pure.
#pragma once

#include "domain/day.h"
#include "state/register/entity_state.h"

namespace flosync {

// The earliest reference date at which figures may tell `after` from `before`, two states of one entity; Day::Max() if
// none can. It may be earlier than the first that does, never later.
[[nodiscard]] Day FirstDateReached(const EntityState& before, const EntityState& after);

}  // namespace flosync
