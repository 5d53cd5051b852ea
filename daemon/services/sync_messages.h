// What several methods of SyncService say alike. Pure; any thread.
#pragma once

#include "daemon/publication.h"
#include "state/core/pause.h"

#include "flosync/v1/sync_service.pb.h"

namespace flosync {

void Describe(const BackupOutcome& in, v1::Backup* out);
void Describe(const Pause& in, v1::SyncPause* out);

}  // namespace flosync
