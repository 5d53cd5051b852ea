// The page that Prometheus reads: what GetSyncStatus tells and what has been counted, in its text format 0.0.4. Each
// metric is explained in docs/operations.md. Nothing names a doctor. Pure; any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/metrics/duration_counts.h"

#include "flosync/v1/sync_service.pb.h"

namespace flosync {

struct MetricsInput {
  v1::GetSyncStatusResponse status;
  bool ready = false;  // health SERVING
  DurationCounts commit_durations;
  std::map<std::string, int64_t> open_alerts;   // by kind
  std::optional<int64_t> oldest_feed_revision;  // nothing: there is no entry yet
  int64_t store_bytes = 0;                      // of all files in the state directory
  int32_t open_streams = 0;
  std::vector<prometheus::MetricFamily> requests;  // of RequestCounts
};

[[nodiscard]] std::string MetricsPage(MetricsInput input);

}  // namespace flosync
