// Where the daemon's log goes: standard error, one line an event, times in UTC.
#pragma once

#include "daemon/config.h"

namespace flosync {

void SetUpLogging(LogLevel level);

}  // namespace flosync
